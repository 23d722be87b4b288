import fastifyStatic from "@fastify/static";
import type { FastifyReply } from "fastify";
import type { HubApp } from "../http/app.ts";
import { PAGE_HEADERS, type WebPage } from "./web-page.ts";

const config = { access: "open" } as const;

/** The page at `/`, its icon and its assets. They hold nothing secret; what they call asks who it is. Other paths of the page are no routes. */
export async function webRoutes(app: HubApp, page: WebPage): Promise<void> {
  app.get("/", { config, schema: { hide: true } }, (request, reply) => page.send(request, reply));
  for (const file of page.files) {
    app.get(`/${file}`, { config, schema: { hide: true } }, (request, reply) => page.send(request, reply, file));
  }
  await app.register(async (assets) => {
    assets.addHook("onRoute", (route) => {
      route.config = { ...route.config, ...config };
    });
    await assets.register(fastifyStatic, {
      root: page.assetsFolder,
      prefix: "/assets/",
      // `npm run build` has written them: compressing takes longer than reading.
      preCompressed: true,
      index: false,
      dotfiles: "ignore",
      decorateReply: false,
      maxAge: "1y",
      immutable: true,
      setHeaders: (reply: FastifyReply) => void reply.headers(PAGE_HEADERS),
    });
  });
}
