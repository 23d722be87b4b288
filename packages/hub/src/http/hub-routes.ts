import { FairleadError, PROTOCOL_VERSION } from "@fairlead/protocol";
import { HubInfoSchema } from "@fairlead/protocol/rest";
import Type from "typebox";
import { HUB_VERSION } from "../version.ts";
import type { HubApp } from "./app.ts";
import { problems } from "./route-schemas.ts";

const tags = ["hub"];
const StatusSchema = Type.Object({ status: Type.String() });

export interface HubState {
  /** Unix milliseconds. */
  readonly startedAt: number;
  readonly isStopping: () => boolean;
  /** Rejects when the database does not answer. */
  readonly checkDatabase: () => Promise<void>;
}

/** Liveness, readiness, and what this hub is. @param hasPage when another answers at `/`. */
export function hubRoutes(app: HubApp, hub: HubState, hasPage = false): void {
  app.get(
    "/healthz",
    { config: { access: "open" }, schema: { tags, summary: "Liveness", response: { 200: StatusSchema } } },
    () => ({ status: "healthy" }),
  );
  app.get(
    "/readyz",
    {
      config: { access: "open" },
      schema: { tags, summary: "Readiness", response: { 200: StatusSchema, ...problems } },
    },
    async () => {
      if (hub.isStopping()) throw new FairleadError("shutting_down", "The hub is stopping.");
      await hub.checkDatabase();
      return { status: "ready" };
    },
  );
  const permission = "authenticated";
  app.get(
    "/api/v1",
    { config: { permission }, schema: { tags, summary: "This hub", response: { 200: HubInfoSchema, ...problems } } },
    () => ({
      name: "fairlead" as const,
      version: HUB_VERSION,
      protocol: PROTOCOL_VERSION,
      uptimeSeconds: Math.floor((Date.now() - hub.startedAt) / 1000),
    }),
  );
  if (hasPage) return;
  app.get("/", { config: { access: "browser", permission }, schema: { hide: true } }, (_request, reply) =>
    reply
      .type("text/plain; charset=utf-8")
      .serializer(String)
      .send(
        `Fairlead hub ${HUB_VERSION}\n\nREST API: /api/v1, described at /api/v1/openapi.json and browsable at /api/docs.\n`,
      ),
  );
}
