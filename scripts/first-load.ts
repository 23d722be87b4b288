/** What a browser loads of the web page before it shows anything, and how much that may be. */

/** A part of Vite's `manifest.json`. */
export interface ManifestChunk {
  /** Below the page's folder, as all names here. */
  readonly file: string;
  /** Keys of the chunks that it imports at once; lazy ones are in `dynamicImports`. */
  readonly imports?: readonly string[];
}

export type Manifest = Readonly<Record<string, ManifestChunk>>;

export interface LoadedFile {
  readonly file: string;
  readonly gzipBytes: number;
}

export interface FirstLoad {
  /** Largest first. */
  readonly files: readonly LoadedFile[];
  readonly gzipBytes: number;
}

/** Half a second on a slow line of 4 Mbit/s: longer, and people notice that a page loads. */
export const FIRST_LOAD_LIMIT_BYTES = 250_000;

/**
 * The JavaScript until the first page shows: what `index.html` loads (its scripts and modulepreloads), the page behind `/`, and what these
 * import at once.
 *
 * @param page Key of the page behind `/` in the manifest.
 * @param gzipBytesOf The size of a file of the page, compressed. @throws when it is not there.
 */
export function firstLoad(
  html: string,
  manifest: Manifest,
  page: string,
  gzipBytesOf: (file: string) => number,
): FirstLoad {
  const chunks = new Map(Object.values(manifest).map((chunk) => [chunk.file, chunk]));
  const files = new Set<string>();
  const add = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    for (const key of chunks.get(file)?.imports ?? []) {
      const imported = manifest[key];
      if (!imported) throw new Error(`${file} imports ${key}, which the manifest does not have`);
      add(imported.file);
    }
  };
  for (const file of scriptsOf(html)) add(file);
  if (files.size === 0) throw new Error("index.html loads no script: what it loads cannot be told");
  const first = manifest[page];
  if (!first) throw new Error(`The manifest has no ${page}, the first page`);
  add(first.file);
  const sized = [...files].map((file) => ({ file, gzipBytes: gzipBytesOf(file) }));
  return {
    files: sized.toSorted((a, b) => b.gzipBytes - a.gzipBytes),
    gzipBytes: sized.reduce((sum, { gzipBytes }) => sum + gzipBytes, 0),
  };
}

/** @throws Error that lists the files with their sizes when together they are over the limit. */
export function checkFirstLoad({ files, gzipBytes }: FirstLoad, limitBytes = FIRST_LOAD_LIMIT_BYTES): void {
  if (gzipBytes <= limitBytes) return;
  const lines = files.map((file) => `  ${kilobytes(file.gzipBytes).padStart(10)}  ${file.file}`);
  throw new Error(
    [
      `The web page loads ${kilobytes(gzipBytes)} of JavaScript at first, over the limit of ${kilobytes(limitBytes)} (gzip):`,
      ...lines,
      "Load what is not needed at first with import().",
    ].join("\n"),
  );
}

export function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

function scriptsOf(html: string): string[] {
  const files: string[] = [];
  for (const [tag] of html.matchAll(/<(?:script|link)\b[^>]*>/gi)) {
    const isScript = /^<script/i.test(tag);
    if (!isScript && !/\brel=["']?modulepreload\b/i.test(tag)) continue;
    const [, url] = /\b(?:src|href)=["']?([^"'\s>]+)/i.exec(tag) ?? [];
    if (url !== undefined) files.push(url.replace(/^\.?\//, ""));
  }
  return files;
}
