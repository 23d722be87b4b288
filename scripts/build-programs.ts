/**
 * Joins hub, agent and command line, with the libraries that they use, into a few files in `packages/cli/dist`: programs that have to find
 * and read two thousand files take twice as long to start. `bin/fairlead` runs them while they are newer than the sources.
 */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { type Plugin, rolldown } from "rolldown";
import { hashOfSources, root } from "./sources.ts";

const packages = join(root, "packages");
const dist = join(packages, "cli", "dist");

const SOURCES = [
  ...["agent", "api-client", "cli", "hub", "protocol"].flatMap((name) => [
    `packages/${name}/src`,
    `packages/${name}/package.json`,
  ]),
  "packages/web/folder.ts",
  "package-lock.json",
  "scripts/build-programs.ts",
  "scripts/sources.ts",
];

/** Optional native code of `ws`, which finds its binary beside itself; and what there is none of. */
const NATIVE = "bufferutil";
const ABSENT = "utf-8-validate";

/** In all files that are built: their folder. Libraries have no such name. */
const FOLDER = "__builtFolder";

/** Whole when it is there: it is written last. */
const entry = join(dist, "main.js");
// Programs load some files only when they need them: one that runs keeps those of the build that it was started from.
const build = hashOfSources(SOURCES).slice(0, 16);
const started = `import "./${build}/main.js";\n`;

if (existsSync(entry) && readFileSync(entry, "utf8") === started) {
  const now = new Date();
  utimesSync(entry, now, now);
  console.error("The programs are up to date.");
} else {
  console.error("Building the programs …");
  await buildPrograms();
}

async function buildPrograms(): Promise<void> {
  const before = existsSync(entry) ? readFileSync(entry, "utf8") : "";
  await using bundle = await rolldown({
    input: join(packages, "cli", "src", "main.ts"),
    platform: "node",
    external: [ABSENT],
    plugins: [lightHttp(), inTheirPlaces(join(dist, build)), ascii()],
    logLevel: "warn",
  });
  await bundle.write({
    dir: join(dist, build),
    entryFileNames: "main.js",
    banner: `const ${FOLDER} = import.meta.dirname;`,
  });
  const written = join(dist, `main.js.${process.pid}`);
  writeFileSync(written, started);
  renameSync(written, entry);
  // Two may build at once: what the other has just written to put in place is left.
  for (const name of readdirSync(dist).filter((entry) => !entry.startsWith("main.js"))) {
    if (name !== build && !before.includes(name)) rmSync(join(dist, name), { recursive: true, force: true });
  }
}

/**
 * An `import` of node:http reads each of its exports, those of WebSocket and the like too, and these load Node's `fetch` and all that belongs
 * to it: 50 ms and 10 MiB that an agent never uses. Got as an object, what is not asked for is not loaded.
 */
function lightHttp(): Plugin {
  const LIGHT = "\0light-http";
  return {
    name: "light-http",
    resolveId: (source) => (source === "node:http" || source === "http" ? LIGHT : null),
    load: (id) => (id === LIGHT ? 'module.exports = process.getBuiltinModule("node:http");' : null),
  };
}

/** Files that ask where they are get their own place, relative to the built ones', and not that of the built ones. */
function inTheirPlaces(folder: string): Plugin {
  const fromBuilt = (path: string): string => JSON.stringify(relative(folder, path));
  return {
    name: "in-their-places",
    resolveId(source, importer) {
      if (source !== NATIVE || importer === undefined) return null;
      return { id: relative(folder, createRequire(importer).resolve(NATIVE)), external: true };
    },
    transform(code, id) {
      if (!id.startsWith(root) || !/\b(?:__dirname|import\.meta\.url)\b/.test(code)) return null;
      return code
        .replaceAll(/\bimport\.meta\.url\b/g, `new URL(${fromBuilt(id)}, import.meta.url).href`)
        .replaceAll(/\b__dirname\b/g, `require("node:path").join(${FOLDER}, ${fromBuilt(dirname(id))})`);
    },
  };
}

/** One letter beyond Latin makes V8 hold a whole file with two bytes for each: 3 MiB of a hub's memory. Sources use no `String.raw` with such. */
function ascii(): Plugin {
  return {
    name: "ascii",
    renderChunk: (code) =>
      code.replaceAll(/[^\0-\u007f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
  };
}
