/**
 * Builds the web page into `packages/web/dist` when what it is made of has changed. It is built beside, and put in place when it is whole:
 * a build that was interrupted is never taken for one.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import {
  checkFirstLoad,
  FIRST_LOAD_LIMIT_BYTES,
  type FirstLoad,
  firstLoad,
  kilobytes,
  type Manifest,
} from "./first-load.ts";
import { filesOf, hashOfSources, root } from "./sources.ts";

const web = join(root, "packages", "web");
const dist = join(web, "dist");

/** What the page is made of. */
const SOURCES = [
  "packages/web/src",
  "packages/web/public",
  "packages/web/index.html",
  "packages/web/vite.config.ts",
  "packages/web/tsconfig.json",
  "packages/web/package.json",
  "packages/api-client/src",
  "packages/protocol/src",
  "package-lock.json",
  "scripts/build-web.ts",
  "scripts/first-load.ts",
  "scripts/sources.ts",
];

/** What `/` shows. */
const FIRST_PAGE = "src/pages/fleet/fleet-page.tsx";

/** In the built folder: a hash of what it was made of. */
const STAMP = ".built-from";

const COMPRESSED: ReadonlySet<string> = new Set([".js", ".css", ".svg", ".json", ".map", ".txt", ".wasm"]);

/** Below this a file fits into the first packets anyway. */
const COMPRESSED_FROM_BYTES = 1024;

/** The highest, 11, takes ten times as long for some 5 % less. */
const BROTLI_QUALITY = 9;

/** What a build that was interrupted left behind; one that runs now is younger. */
const LEFTOVER_AGE_MS = 3600_000;

const hash = hashOfSources(SOURCES);
if (isBuilt()) console.error("The web page is up to date.");
else build();

function build(): void {
  console.error("Building the web page …");
  removeLeftovers();
  const folder = mkdtempSync(`${dist}-`);
  try {
    // Private, as mkdtemp makes it; a hub may run as somebody else.
    chmodSync(folder, 0o755);
    const args = ["build", "--outDir", folder, "--emptyOutDir", "--logLevel", "warn"];
    const { status, error } = spawnSync(join(web, "node_modules", ".bin", "vite"), args, {
      cwd: web,
      stdio: "inherit",
    });
    if (error) throw new Error(`vite cannot be run (${error.message}). Install the dependencies: npm install`);
    if (status !== 0) throw new Error(`vite build ended with ${status}`);
    compress(join(folder, "assets"));
    const load = firstLoadOf(folder);
    checkFirstLoad(load);
    writeFileSync(join(folder, STAMP), hash);
    putInPlace(folder);
    console.error(
      `Built the web page: ${kilobytes(load.gzipBytes)} of JavaScript at first, of ${kilobytes(FIRST_LOAD_LIMIT_BYTES)} (gzip).`,
    );
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function isBuilt(): boolean {
  const stamp = join(dist, STAMP);
  return existsSync(stamp) && readFileSync(stamp, "utf8") === hash;
}

/** Beside each text: what the hub sends to browsers that take it compressed. */
function compress(folder: string): void {
  for (const file of filesOf(folder)) {
    const content = readFileSync(file);
    if (!COMPRESSED.has(extname(file)) || content.length < COMPRESSED_FROM_BYTES) continue;
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    };
    writeFileSync(`${file}.br`, brotliCompressSync(content, { params }));
    writeFileSync(`${file}.gz`, gzipped(content));
  }
}

function firstLoadOf(folder: string): FirstLoad {
  const html = readFileSync(join(folder, "index.html"), "utf8");
  const manifest = JSON.parse(readFileSync(join(folder, ".vite", "manifest.json"), "utf8")) as Manifest;
  return firstLoad(html, manifest, FIRST_PAGE, (file) => gzipped(readFileSync(join(folder, file))).length);
}

function gzipped(content: Buffer): Buffer {
  return gzipSync(content, { level: constants.Z_BEST_COMPRESSION });
}

/** @throws Error when another build has put something else in place meanwhile. */
function putInPlace(folder: string): void {
  const old = mkdtempSync(`${dist}-`);
  try {
    if (existsSync(dist)) renameSync(dist, join(old, "dist"));
    renameSync(folder, dist);
  } catch (error) {
    // Two may build the same at once; then either is right.
    if (!isBuilt()) throw error;
  } finally {
    rmSync(old, { recursive: true, force: true });
  }
}

function removeLeftovers(): void {
  for (const name of readdirSync(web).filter((entry) => entry.startsWith("dist-"))) {
    const path = join(web, name);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > LEFTOVER_AGE_MS) rmSync(path, { recursive: true, force: true });
  }
}
