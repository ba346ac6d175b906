// Writes .br and .gz beside every text asset of dist/, so that the server never compresses at run time.
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const dist = path.resolve(import.meta.dirname, "../dist");
const compressible = /\.(?:js|css|html|svg|json|txt|webmanifest)$/;

const files = await readdir(dist, { recursive: true, withFileTypes: true });
let count = 0;
for (const entry of files) {
  if (!entry.isFile() || !compressible.test(entry.name)) continue;
  const file = path.join(entry.parentPath, entry.name);
  const content = await readFile(file);
  const brotli = await promisify(brotliCompress)(content, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
  });
  const zipped = await promisify(gzip)(content, { level: 9 });
  // A sibling that is not smaller would only cost the visitor time.
  if (brotli.length < content.length) await writeFile(`${file}.br`, brotli);
  if (zipped.length < content.length) await writeFile(`${file}.gz`, zipped);
  count += 1;
}
console.log(`compressed ${count} files`);
