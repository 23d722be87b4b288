import { hash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type { FastifyReply, FastifyRequest } from "fastify";

/**
 * Everything from this hub's files, no inline script, and no other site may frame it. Styles may be inline: the page's components
 * place things by them, and a style runs nothing.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self'",
  "img-src 'self' data: blob:",
  // Browsers take it for ws and wss of the same host, too.
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

/** What every file of the page is sent with; a worker goes by the policy of its own file. */
export const PAGE_HEADERS = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "cross-origin-opener-policy": "same-origin",
} as const;

const INDEX = "index.html";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
};

/** Where no path is the page's, even when nothing else has it. */
const NOT_OF_THE_PAGE = /^\/(api|assets|healthz|readyz|metrics)(\/|$)/;

/** The web page as it was built: `index.html`, which every path of the page is answered with, and the files beside it. */
export class WebPage {
  /** Files whose names hold a hash of their content. */
  readonly assetsFolder: string;
  /** Files beside `index.html`, such as its icon. */
  readonly files: readonly string[];
  readonly #folder: string;

  private constructor(folder: string, files: readonly string[]) {
    this.#folder = folder;
    this.assetsFolder = join(folder, "assets");
    this.files = files;
  }

  /** @returns Undefined where no page was built. */
  static async open(folder: string): Promise<WebPage | undefined> {
    if (!existsSync(join(folder, INDEX)) || !existsSync(join(folder, "assets"))) return undefined;
    const entries = await readdir(folder, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    return new WebPage(
      folder,
      names.filter((name) => name !== INDEX && Object.hasOwn(TYPES, extname(name)) && !name.startsWith(".")),
    );
  }

  /**
   * True of a request that no route has, when somebody looks at a path of the page. Only browsers name HTML: a program that asks
   * for a wrong path is told so.
   */
  answers({ method, url, headers }: FastifyRequest): boolean {
    if (method !== "GET" && method !== "HEAD") return false;
    if (!/\btext\/html\b/i.test(headers.accept ?? "")) return false;
    return !NOT_OF_THE_PAGE.test(url.split("?", 1)[0] ?? "");
  }

  /** A file beside the assets, whose name stays when its content changes: browsers ask each time whether it did. */
  async send(request: FastifyRequest, reply: FastifyReply, file = INDEX): Promise<FastifyReply> {
    const content = await readFile(join(this.#folder, file));
    const etag = `"${hash("sha256", content, "base64url")}"`;
    void reply.headers({ ...PAGE_HEADERS, "cache-control": "no-cache", etag });
    const known = request.headers["if-none-match"]?.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
    if (known?.includes(etag)) return reply.code(304).send();
    return reply.type(TYPES[extname(file)] ?? "application/octet-stream").send(content);
  }
}
