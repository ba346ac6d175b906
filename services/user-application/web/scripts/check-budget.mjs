// Prints what each page costs over the wire (brotli) and fails over the budget.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { brotliCompressSync } from "node:zlib";

const kilobyte = 1024;
// The shell is what surrounds every signed-in page: navigation, menus and what they stand on. A route is what a page
// adds to that. What a page fetches once it stands (the link builder, charts) is not part of its weight, except that
// the analytics page is measured with its charts.
const budget = { entry: 110, shell: 60, route: 40, analytics: 110, map: 20, css: 15, reference: 10 };

const dist = path.resolve(import.meta.dirname, "../dist");
const manifest = JSON.parse(await readFile(path.join(dist, ".vite/manifest.json"), "utf8"));

const sizes = new Map();
async function size(file) {
  if (!sizes.has(file)) sizes.set(file, brotliCompressSync(await readFile(path.join(dist, file))).length);
  return sizes.get(file);
}

/** The chunk and everything it imports statically: what the browser loads at once. */
function closure(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of manifest[key].imports ?? []) closure(next, seen);
  return seen;
}

async function total(keys) {
  let bytes = 0;
  for (const key of keys) bytes += await size(manifest[key].file);
  return bytes;
}

const entryKey = "index.html";
const referenceKeys = ["reference/operations.html", "reference/errors.html"];
const routeKeys = Object.keys(manifest).filter((key) => /^src\/routes\/.*\?tsr-split=component$/.test(key));
const shellKey = routeKeys.find((key) => key.startsWith("src/routes/app.$workspace.tsx"));
const chartKey = "src/features/analytics/clicks-chart.tsx";
const mapKey = "src/components/map/world-map.tsx";
for (const key of [chartKey, mapKey, entryKey, ...referenceKeys])
  if (!manifest[key]) throw new Error(`${key} is no longer loaded by itself`);
if (!shellKey) throw new Error("the manifest names no shell: has a route been renamed?");

const entry = closure(entryKey);
const shell = closure(shellKey, new Set(entry));
const rows = [
  ["entry", await total(entry), budget.entry],
  ["shell", await total([...shell].filter((key) => !entry.has(key))), budget.shell],
];

for (const key of routeKeys) {
  if (key === shellKey) continue;
  const name = key.replace(/^src\/routes\/|\.tsx\?.*$/g, "");
  const loaded = name.startsWith("app.") && name !== "app.onboarding" ? shell : entry;
  const own = [...closure(key, new Set(loaded))].filter((chunk) => !loaded.has(chunk));
  rows.push([`route ${name}`, await total(own), budget.route]);
  if (name === "app.$workspace.analytics") {
    const all = new Set([...own, ...closure(chartKey, new Set([...loaded, ...own]))]);
    rows.push([
      `route ${name} with charts`,
      await total([...all].filter((chunk) => !loaded.has(chunk))),
      budget.analytics,
    ]);
  }
}
const map = [...closure(mapKey, new Set(shell))].filter((chunk) => !shell.has(chunk));
rows.push(["world map", await total(map), budget.map]);

/** The style sheets of these chunks. */
function styles(keys) {
  return [...new Set([...keys].flatMap((key) => manifest[key].css ?? []))];
}

async function totalOfStyles(files) {
  let bytes = 0;
  for (const file of files) bytes += await size(file);
  return bytes;
}

const reference = new Set(referenceKeys.flatMap((key) => [...closure(key)]));
const referenceStyles = styles(reference);
const applicationStyles = styles(Object.keys(manifest)).filter((file) => !referenceStyles.includes(file));
rows.push(["CSS", await totalOfStyles(applicationStyles), budget.css]);
rows.push([
  "API reference, scripts and CSS",
  (await total(reference)) + (await totalOfStyles(referenceStyles)),
  budget.reference,
]);

let failed = false;
for (const [name, bytes, limit] of rows) {
  const over = bytes > limit * kilobyte;
  failed ||= over;
  const amount = `${(bytes / kilobyte).toFixed(1)} of ${limit} KB`;
  console.log(`${over ? "✗" : "✓"} ${name.padEnd(48)} ${amount.padStart(18)}`);
}
if (failed) {
  console.error("over the budget: load the weight later, or drop it");
  process.exit(1);
}
