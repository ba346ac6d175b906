# Hashroute. `make run` builds and starts it, `make test` checks everything, `make help` lists the rest.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

web := services/user-application/web
pnpm := pnpm --dir $(web)
target := $(abspath $(or $(CARGO_TARGET_DIR),target))
reports := $(target)/test-reports
# Made by `make gen` and by the web build; committed, and checked to be up to date. (openapi.json: by a Rust test.)
client := $(web)/src/api/gen
route_tree := $(web)/src/routeTree.gen.ts

# The web build's mark. (index.html is none: where there was no build, Cargo puts a page there that says so.)
built := $(web)/dist/.vite/manifest.json

# Tools that are missing on a machine are put here, never system-wide.
export PATH := $(CURDIR)/.tools/bin:$(CURDIR)/.tools/node_modules/.bin:$(PATH)

# step: a heading with the time, so that a log tells where time went.
step = printf '\n── %s (%s)\n' "$(1)" "$$(date +%H:%M:%S)"

##@ Use

.PHONY: run
run: toolchain $(built) ## Build everything and start Hashroute on http://localhost:8080, with its data in ./data
	cargo run --release --package hashroute -- serve

##@ Develop

.PHONY: dev
dev: toolchain $(web)/node_modules ## Start the server and the web application's development server
	scripts/dev

.PHONY: gen
gen: toolchain $(web)/node_modules ## Write openapi.json and the TypeScript client anew from the Rust types
	mkdir -p $(target)
	cargo run --quiet --package hashroute -- openapi > $(target)/openapi.json
	cp $(target)/openapi.json $(web)/openapi.json
	$(pnpm) run gen

.PHONY: fmt
fmt: $(web)/node_modules ## Format all code
	cargo fmt --all
	$(pnpm) run format

##@ Check

.PHONY: check
check: toolchain fmt-check web-check clippy tidy ## The fast part of `make test`: format, lints, types

.PHONY: test
test: setup fmt-check tidy deny web-check test-web clippy test-rust test-e2e ## Everything: checks, unit, integration, crash and end-to-end tests
	@cargo xtask report

.PHONY: setup
setup: toolchain ## Look for what the tests need, and install it where possible
	@$(call step,Test tools)
	rm -rf $(reports) $(target)/nextest
	scripts/install-test-tools

.PHONY: toolchain
toolchain:
	@scripts/check-toolchain

.PHONY: fmt-check
fmt-check:
	@$(call step,Rust format)
	cargo fmt --all --check

.PHONY: clippy
clippy: $(built)
	@$(call step,Rust lints)
	cargo clippy --workspace --all-targets --locked -- --deny warnings

.PHONY: tidy
tidy:
	@$(call step,Rules of the repository)
	cargo xtask tidy

.PHONY: deny
deny: ## Licences, banned crates and sources of all dependencies
	@$(call step,Dependencies)
	cargo deny --log-level error check licenses bans sources

.PHONY: audit
audit: ## Known vulnerabilities in dependencies; fetches the advisory database, so it needs the network
	cargo deny check advisories
	$(pnpm) audit --prod

.PHONY: web-check
web-check: $(web)/node_modules
	@$(call step,Web lints and types)
	$(pnpm) run check

.PHONY: test-web
test-web: $(web)/node_modules ## Unit tests of the web application, and its build within the size budgets
	@$(call step,Web tests)
	$(pnpm) run test --reporter=default --reporter=junit --outputFile.junit=$(reports)/web.xml
	@$(call step,Web client and build)
	cargo xtask unchanged $(client) -- $(pnpm) run gen
	cargo xtask unchanged $(route_tree) -- $(pnpm) run build
	touch $(built)

.PHONY: test-rust
test-rust: $(built) ## All Rust tests, on SQLite and on a private PostgreSQL
	@$(call step,Rust tests)
	cargo nextest run --workspace --locked
	@$(call step,Rust documentation tests)
	cargo test --workspace --locked --doc

# What takes minutes: hundreds of crashes, of random workflows, of jumps of the clock. With a time limit of its own.
.PHONY: test-full
test-full: toolchain $(built) ## The Rust tests at full size: as many crashes, nodes and random cases as make sense overnight
	@$(call step,Rust tests at full size)
	HASHROUTE_TEST_SCALE=full cargo nextest run --workspace --locked --profile full

# Built as the Rust tests are, so that nothing is compiled twice.
.PHONY: test-e2e
test-e2e: $(built) ## A browser uses the real server
	@$(call step,End-to-end tests)
	cargo build --workspace --tests --locked
	HASHROUTE_BINARY=$(target)/debug/hashroute \
		PLAYWRIGHT_JUNIT_OUTPUT_FILE=$(reports)/end-to-end.xml $(pnpm) run e2e --reporter=list,junit

.PHONY: bench
bench: bench-redirect bench-durable ## Everything that is measured, side by side with others; takes half an hour on a quiet machine

.PHONY: bench-redirect
bench-redirect: toolchain $(built) ## Redirects beside nginx
	cargo run --release --package hashroute -- bench redirect

.PHONY: bench-evaluate
bench-evaluate: toolchain $(built) ## What a look at a page costs, with the pages of the test kits
	cargo run --release --package hashroute -- bench evaluate

# The other engines are a workspace of their own: they bring an SQLite that must not get into the product.
.PHONY: bench-durable
bench-durable: toolchain ## Workflows, jobs, objects and the log beside other engines; BENCH="--quick" to see that it works
	cargo build --release --locked --manifest-path benches/engines/Cargo.toml --target-dir $(target)/engines
	cargo bench --package durable --bench durable -- --engines $(target)/engines/release/engines $(BENCH)

##@ Other

.PHONY: clean
clean: ## Remove everything that was built; keeps ./data
	rm -rf $(target) .tools $(web)/node_modules $(web)/dist

.PHONY: help
help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { printf "\n%s\n", substr($$0, 5) } /^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The web application is installed and built anew only when its sources changed.

$(web)/node_modules: $(web)/package.json $(web)/pnpm-lock.yaml
	scripts/install-pnpm
	$(pnpm) install --frozen-lockfile
	touch $@

$(built): $(web)/node_modules $(shell find $(web)/src $(web)/public $(web)/scripts $(wildcard $(web)/*.*) -type f 2>/dev/null)
	$(pnpm) run build
	touch $@
