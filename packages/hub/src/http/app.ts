import { randomUUID } from "node:crypto";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { EnvironmentPermission, HubPermission } from "@fairlead/protocol";
import { ENVIRONMENT_PERMISSIONS, FairleadError, isPermission } from "@fairlead/protocol";
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  type FastifyTypeProvider,
  LogController,
} from "fastify";
import type { Logger } from "pino";
import type { Static, TSchema } from "typebox";
import type { Authorization } from "../access/authorization.ts";
import type { Caller } from "../access/caller.ts";
import { demand } from "../access/service.ts";
import type { AuditedParts } from "../audit/audit-requests.ts";
import type { EnvironmentRecord } from "../environments/record.ts";
import type { Authentication } from "./authentication.ts";
import { cutSlowBody, hasBody } from "./cut-slow-body.ts";
import { clientErrorHandler, errorHandler, notFoundHandler } from "./errors.ts";
import { RouteTable } from "./route-table.ts";
import type { WebPage } from "../web/web-page.ts";
import { validatorCompiler } from "./validation.ts";

/** Types of requests and answers from their TypeBox schemas. */
interface TypeBoxTypeProvider extends FastifyTypeProvider {
  validator: this["schema"] extends TSchema ? Static<this["schema"]> : unknown;
  serializer: this["schema"] extends TSchema ? Static<this["schema"]> : unknown;
}

/** The Fastify app that every domain's `routes.ts` adds its routes to. */
export type HubApp = FastifyInstance<Server, IncomingMessage, ServerResponse, FastifyBaseLogger, TypeBoxTypeProvider>;

declare module "fastify" {
  /** What the OpenAPI document takes from a route beside its schemas. */
  interface FastifySchema {
    tags?: readonly string[];
    summary?: string;
    description?: string;
    /** Left out of the document. */
    hide?: boolean;
    /** Content types of the answer other than JSON. */
    produces?: readonly string[];
  }
  interface FastifyRequest {
    /** Who makes it. Of a route with the access `open` there is none. */
    caller: Caller;
  }
  interface FastifyContextConfig {
    /**
     * Who gets in, besides a token in the `Authorization` header. Default: nobody.
     * - `open`: everybody (health, and an agent that shows a join key).
     * - `query-token`: also a token in `?access_token=`, for what browsers open without headers (server-sent events).
     * - `browser`: also a token as the password of HTTP Basic, which browsers ask for (pages; reading only).
     */
    access?: "open" | "query-token" | "browser";
    /**
     * What the caller needs; every route that is not open says it.
     * - A permission of an environment: on the one of the path's `:env`, which the route then has as `request.environment`.
     *   A route without `:env` selects those on which the caller has it (`Authorization.select`).
     * - A permission of the hub.
     * - `authenticated`: nothing but to be somebody.
     */
    permission?: EnvironmentPermission | HubPermission | "authenticated";
    /**
     * What the audit log calls it, of a route that changes something, a GET included. Default: the permission, if it is no
     * GET. False: nothing to tell.
     */
    audit?: string | false;
  }
  interface FastifyRequest {
    /** Who makes the request; of every route that is not open. */
    caller: Caller;
    /** The environment of the path, on which the caller has the route's permission. */
    environment: EnvironmentRecord;
    /** What the route knows better than the request does, for the audit log. */
    audited?: AuditedParts;
  }
}

/** Largest JSON body of the REST API: the largest thing in one is a few PEM certificates. */
export const MAX_JSON_BODY_BYTES = 1024 * 1024;

/** The same on routes that let everybody in: a sign-in with a passkey is some kilobytes. */
const MAX_OPEN_BODY_BYTES = 64 * 1024;

/** Longest part of a path: a container's name or a label may be long, an id is 64 characters. */
const MAX_PATH_PART_LENGTH = 1024;

export interface AppOptions {
  readonly log: Logger;
  readonly authentication: Authentication;
  readonly authorization: Authorization;
  /** The Node server that the app is to answer on; see `server.ts`. */
  readonly server: (handler: (request: IncomingMessage, response: ServerResponse) => void) => Server;
  /** Filled with the routes as they are added. */
  readonly routes?: RouteTable;
  /** Answers what nobody else does where somebody looks with a browser. */
  readonly page?: WebPage | undefined;
}

/** Makes the app, without routes: authentication, validation, errors in the one shape, security headers. */
export function buildApp({
  log,
  authentication,
  authorization,
  server,
  routes = new RouteTable(),
  page,
}: AppOptions): HubApp {
  // Fastify would carry pino's own type into that of the app.
  const loggerInstance: FastifyBaseLogger = log;
  const app = Fastify({
    loggerInstance,
    // URLs may hold a token in their query; errors are logged by the error handler.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: MAX_JSON_BODY_BYTES,
    genReqId: () => randomUUID(),
    routerOptions: { maxParamLength: MAX_PATH_PART_LENGTH },
    serverFactory: server,
    clientErrorHandler,
    frameworkErrors: (error, request, reply) => errorHandler(error, request, reply),
  }).withTypeProvider<TypeBoxTypeProvider>();
  // JSON only: texts and forms get 415.
  app.removeContentTypeParser(["text/plain", "application/json"]);
  const parseJson = app.getDefaultJsonParser("error", "error");
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    // Many clients name JSON on every request, those without a body included.
    if (body === "") done(null);
    else void parseJson(request, body.toString(), done);
  });
  app.setValidatorCompiler(validatorCompiler);
  // The response schemas describe; what is sent is typed already, and an answer is never cut down in silence.
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  app.setErrorHandler(errorHandler);
  const admit = async (request: FastifyRequest): Promise<void> => {
    if (request.is404 && page?.answers(request) === true) return;
    const caller = await authentication.admit(request);
    if (!caller) return;
    request.caller = caller;
    await authorize(request, authorization);
  };
  app.addHook("onRequest", async (request, reply) => {
    void reply.headers(SECURITY_HEADERS).header("x-request-id", request.id);
    // Routers, libraries and engines cut it off in different places.
    if (request.url.includes("#")) throw new FairleadError("bad_request", "A URL must not hold a fragment (#).");
    cutSlowBody(request.raw);
    await admit(request);
  });
  app.addHook("preHandler", async (request) => {
    // A body takes its time, and the caller's right may have ended meanwhile.
    if (hasBody(request.raw)) await admit(request);
  });
  app.addHook("onRoute", (route) => {
    if (route.config?.access === "open") route.bodyLimit ??= MAX_OPEN_BODY_BYTES;
  });
  routes.watch(app);
  app.setNotFoundHandler(notFoundHandler(routes, page));
  return app;
}

/** @throws FairleadError not_found, forbidden. */
async function authorize(request: FastifyRequest, authorization: Authorization): Promise<void> {
  const { permission = "authenticated" } = request.routeOptions.config;
  if (permission === "authenticated" || !isPermission(permission)) return;
  if (!isEnvironmentPermission(permission)) {
    demand(request.caller, permission);
    return;
  }
  const { env } = request.params as { env?: string };
  if (env === undefined) return;
  request.environment = await authorization.environment(request.caller, permission, env);
}

function isEnvironmentPermission(permission: string): permission is EnvironmentPermission {
  return Object.hasOwn(ENVIRONMENT_PERMISSIONS, permission);
}

const SECURITY_HEADERS = {
  "cache-control": "no-store",
  // Nothing here is a page: those that are say what they may load.
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};
