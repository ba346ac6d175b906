import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { test as base } from "@playwright/test";

const binary = path.resolve(
  import.meta.dirname,
  "..",
  process.env.HASHROUTE_BINARY ?? "../../../target/debug/hashroute",
);

export interface Instance {
  /** Where it listens, without a slash at the end. */
  url: string;
  /** The link to create the first account with, as printed at the start. */
  setupLink: string;
  /** Where its data is. */
  directory: string;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}

/** Waits for the first-run link; what the server said until then is part of the error when it does not come. */
async function firstRunLink(server: ChildProcess): Promise<string> {
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    const fail = (reason: string) => reject(new Error(`${reason}\n${said.join("\n")}`));
    const timer = setTimeout(() => fail("no first-run link within 20 seconds"), 20_000);
    server.once("error", (error) => fail(error.message));
    server.once("exit", (code) => fail(`the server ended with ${code}`));
    for (const stream of [server.stdout, server.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on("line", (line) => {
        said.push(line);
        const link = /https?:\/\/\S+\/signup\?setup=[^\s"]+/.exec(line)?.[0];
        if (!link) return;
        clearTimeout(timer);
        resolve(link);
      });
    }
  });
}

/** `test` with a real server that has a port and a data directory of its own and is gone afterwards. */
export const test = base.extend<{
  baseURL: string;
  instance: Instance;
  /** Settings of the server by their environment variables. */
  settings: Record<string, string>;
}>({
  settings: [{}, { option: true }],
  instance: async ({ settings }, use) => {
    if (!existsSync(binary)) {
      throw new Error(`${binary} does not exist: build it with \`cargo build\`, or set HASHROUTE_BINARY`);
    }
    const directory = await mkdtemp(path.join(tmpdir(), "hashroute-e2e-"));
    const url = `http://127.0.0.1:${await freePort()}`;
    const server = spawn(binary, ["serve"], {
      cwd: directory,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env.PATH,
        HASHROUTE_LISTEN: new URL(url).host,
        HASHROUTE_DATA_DIR: directory,
        HASHROUTE_PUBLIC_URL: url,
        // The tests speak for visitors from elsewhere.
        HASHROUTE_TRUSTED_PROXIES: "127.0.0.1/32",
        // Their links lead to hosts in the internet, which tests leave in peace.
        HASHROUTE_EVALUATION_ENABLED: "false",
        // The product's own browser is jailed in tests too, as root and as anybody else. Only where whoever runs them says that
        // there can be no jail, as in a container that may make no namespaces, it is `off`.
        HASHROUTE_BROWSER_SANDBOX: process.env.HASHROUTE_BROWSER_SANDBOX,
        ...settings,
      },
    });
    try {
      const printed = new URL(await firstRunLink(server));
      await use({ url, directory, setupLink: `${printed.pathname}${printed.search}` });
    } finally {
      const gone = new Promise((resolve) => server.once("exit", resolve));
      if (server.exitCode === null && server.kill("SIGTERM")) await gone;
      await rm(directory, { recursive: true, force: true });
    }
  },
  baseURL: async ({ instance }, use) => use(instance.url),
});

export { expect } from "@playwright/test";
