/**
 * Builds `src/components/map/world.json`: one SVG path per country, so that no map library is needed at run time.
 *
 * Run it with `pnpm build:world` after changing the projection or upgrading world-atlas; the result is committed.
 *
 * - Shapes come from Natural Earth at 1:110m (public domain), in the Natural Earth projection, without Antarctica.
 * - Coordinates are whole units of a 2000-wide canvas, written as relative moves: about a third of the plain output.
 * - 1:110m leaves out small countries (Singapore, Malta, Hong Kong, …): their centre is taken from 1:50m and they are drawn as dots.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { geoNaturalEarth1, geoPath } from "d3-geo";
import countries from "i18n-iso-countries";
import { feature } from "topojson-client";

const require = createRequire(import.meta.url);
const output = resolve(dirname(fileURLToPath(import.meta.url)), "../src/components/map/world.json");
const width = 2000;
const antarctica = "010";

/** Longitude and latitude of places with a code of their own that the atlas draws as part of another country, or not at all. */
const elsewhere = {
  BQ: [-68.3, 12.2],
  CC: [96.8, -12.2],
  CX: [105.6, -10.5],
  GF: [-53, 4],
  GI: [-5.35, 36.14],
  GP: [-61.5, 16.2],
  MQ: [-61, 14.6],
  RE: [55.5, -21.1],
  SJ: [16, 78],
  TK: [-171.8, -9.2],
  TV: [179.2, -8.5],
  YT: [45.1, -12.8],
};

async function shapes(resolution) {
  const topology = JSON.parse(
    await readFile(require.resolve(`world-atlas/countries-${resolution}.json`), "utf8"),
  );
  return feature(topology, topology.objects.countries).features.filter((shape) => shape.id !== antarctica);
}

/** The ISO 3166-1 alpha-2 code of a shape, or null for land without one. Kosovo has no numeric id in the atlas. */
function codeOf(shape) {
  if (shape.properties.name === "Kosovo") return "XK";
  return (shape.id && countries.numericToAlpha2(shape.id)) || null;
}

/** Rewrites an absolute `M x,y L x,y … Z` path into relative whole-number steps and drops steps of length zero. */
function relativePath(absolute) {
  return absolute
    .split("Z")
    .filter(Boolean)
    .map((ring) => {
      const points = ring
        .slice(1)
        .split("L")
        .map((pair) => pair.split(",").map(Number));
      let [x, y] = points[0];
      let path = `M${x} ${y}l`;
      let first = true;
      for (const [nextX, nextY] of points.slice(1)) {
        const stepX = nextX - x;
        const stepY = nextY - y;
        if (stepX === 0 && stepY === 0) continue;
        path += `${first || stepX < 0 ? "" : " "}${stepX}${stepY < 0 ? "" : " "}${stepY}`;
        first = false;
        [x, y] = [nextX, nextY];
      }
      return first ? "" : `${path}z`;
    })
    .join("");
}

/** The centre of a country's largest piece of land: overseas regions would pull the plain centroid out to sea. */
function centre(shape, path) {
  const { type, coordinates } = shape.geometry;
  const pieces = type === "MultiPolygon" ? coordinates : [coordinates];
  const largest = pieces
    .map((piece) => ({ type: "Polygon", coordinates: piece }))
    .reduce((best, piece) => (path.area(piece) > path.area(best) ? piece : best));
  return path.centroid(largest).map(Math.round);
}

const land = await shapes("110m");
const projection = geoNaturalEarth1().fitWidth(width, { type: "FeatureCollection", features: land });
const path = geoPath(projection).digits(0);
const height = Math.ceil(path.bounds({ type: "FeatureCollection", features: land })[1][1]);

const drawn = land.map((shape) => ({
  code: codeOf(shape),
  path: relativePath(path(shape)),
  centre: centre(shape, path),
}));
const present = new Set(drawn.map((country) => country.code));
const dots = (await shapes("50m"))
  .map((shape) => ({ code: codeOf(shape), centre: centre(shape, path) }))
  .filter(({ code }) => code !== null && !present.has(code))
  .concat(
    Object.entries(elsewhere).map(([code, place]) => ({ code, centre: projection(place).map(Math.round) })),
  );

/** Keeps a dot whole at the edge of the drawing: Tuvalu lies a little further east than the land that is drawn. */
function inside([x, y]) {
  const radius = 8;
  return [Math.min(Math.max(x, radius), width - radius), Math.min(Math.max(y, radius), height - radius)];
}

const byCode = (a, b) => String(a.code).localeCompare(String(b.code));
const world = {
  width,
  height,
  countries: drawn.sort(byCode),
  dots: dots.map(({ code, centre }) => ({ code, centre: inside(centre) })).sort(byCode),
};
const json = `${JSON.stringify(world)}\n`;
await mkdir(dirname(output), { recursive: true });
await writeFile(output, json);
process.stdout.write(
  `${drawn.length} countries, ${dots.length} dots, ${json.length} bytes, ${gzipSync(json, { level: 9 }).length} bytes gzip\n`,
);
