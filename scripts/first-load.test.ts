import { expect, test } from "vitest";
import { checkFirstLoad, firstLoad, type Manifest } from "./first-load.ts";

const MANIFEST: Manifest = {
  "index.html": { file: "assets/index-a.js", imports: ["_react-b.js", "_router-c.js"] },
  "_react-b.js": { file: "assets/react-b.js" },
  "_router-c.js": { file: "assets/router-c.js", imports: ["_react-b.js", "_base-d.js"] },
  "_base-d.js": { file: "assets/base-d.js", imports: ["_router-c.js"] },
  "src/editor.tsx": { file: "assets/editor-e.js", imports: ["_react-b.js"] },
  "src/fleet.tsx": { file: "assets/fleet-f.js", imports: ["_react-b.js", "_table-g.js"] },
  "_table-g.js": { file: "assets/table-g.js" },
};
const HTML = `<!doctype html>
  <script src="/theme.js"></script>
  <script type="module" crossorigin src="/assets/index-a.js"></script>
  <link rel="modulepreload" crossorigin href="/assets/react-b.js">
  <link rel="stylesheet" crossorigin href="/assets/index-a.css">
  <link rel="icon" href="/icon.svg">`;
const SIZES: Readonly<Record<string, number>> = {
  "theme.js": 1,
  "assets/index-a.js": 10,
  "assets/react-b.js": 100,
  "assets/router-c.js": 1_000,
  "assets/base-d.js": 10_000,
  "assets/editor-e.js": 100_000,
  "assets/fleet-f.js": 2,
  "assets/table-g.js": 20,
};
const PAGE = "src/fleet.tsx";
const sizeOf = (file: string): number => SIZES[file] ?? Number.NaN;

test("scripts, the first page and what they import at once count, each once; what is loaded later does not", () => {
  const load = firstLoad(HTML, MANIFEST, PAGE, sizeOf);
  expect(load.gzipBytes).toBe(11_133);
  expect(load.files.map(({ file }) => file)).toEqual([
    "assets/base-d.js",
    "assets/router-c.js",
    "assets/react-b.js",
    "assets/table-g.js",
    "assets/index-a.js",
    "assets/fleet-f.js",
    "theme.js",
  ]);
});

test("a page over the limit fails with its files and their sizes; one at the limit does not", () => {
  const load = firstLoad(HTML, MANIFEST, PAGE, sizeOf);
  expect(() => checkFirstLoad(load, 11_133)).not.toThrow();
  expect(() => checkFirstLoad(load, 11_132)).toThrow(
    /11\.1 kB of JavaScript at first, over the limit of 11\.1 kB[^]*10\.0 kB {2}assets\/base-d\.js\n +1\.0 kB {2}assets\/router-c\.js/,
  );
  expect(() => checkFirstLoad({ files: [], gzipBytes: 250_000 })).not.toThrow();
  expect(() => checkFirstLoad({ files: [], gzipBytes: 250_001 })).toThrow("over the limit of 250.0 kB");
});

test("a page of which nothing is known does not pass", () => {
  expect(() => firstLoad("<!doctype html>", MANIFEST, PAGE, sizeOf)).toThrow("loads no script");
  const broken = { "index.html": { file: "assets/index-a.js", imports: ["_gone.js"] } };
  expect(() => firstLoad(HTML, broken, PAGE, sizeOf)).toThrow("assets/index-a.js imports _gone.js");
  expect(() => firstLoad(HTML, MANIFEST, "src/gone.tsx", sizeOf)).toThrow("no src/gone.tsx");
});
