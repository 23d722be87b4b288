import { readFile } from "node:fs/promises";
import type { HubApp } from "../../http/app.ts";

/** Scripts and styles come from this hub's files, nothing is inline, and no other site may frame a page. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

const PAGES = ["sign-in", "first-admin", "invitation", "device", "account"] as const;

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
};

/** The pages where people sign in and see to what they sign in with. They hold nothing secret; what they call asks who it is. */
export function pageRoutes(app: HubApp): void {
  const files = ["page.css", "page.js", ...PAGES.map((page) => `${page}.js`)];
  for (const page of PAGES) serve(app, `/${page}`, `${page}.html`);
  for (const file of files) serve(app, `/pages/${file}`, file);
}

function serve(app: HubApp, url: string, file: string): void {
  const path = new URL(`./pages/${file}`, import.meta.url);
  const type = TYPES[file.split(".").at(-1) ?? ""] ?? "application/octet-stream";
  app.get(url, { config: { access: "open" }, schema: { hide: true } }, async (_request, reply) =>
    reply
      .type(type)
      .header("content-security-policy", CONTENT_SECURITY_POLICY)
      .header("cross-origin-opener-policy", "same-origin")
      .serializer(String)
      .send(await readFile(path, "utf8")),
  );
}
