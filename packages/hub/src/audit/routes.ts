import { Readable } from "node:stream";
import { FairleadError } from "@fairlead/protocol";
import {
  AUDIT_OUTCOMES,
  type AuditEntry,
  type AuditFilter,
  AuditFilterSchema,
  AuditHeadSchema,
  type AuditOutcome,
  AuditPageSchema,
  AuditQuerySchema,
  AuditVerificationSchema,
  AuditVerifyQuerySchema,
} from "@fairlead/protocol/rest";
import Type from "typebox";
import { commaList } from "../environments/comma-list.ts";
import { parseQueryTime } from "../events/query-time.ts";
import type { HubApp } from "../http/app.ts";
import { problems } from "../http/route-schemas.ts";
import { parseHead } from "./chain.ts";
import type { Recordings } from "./recording/recordings.ts";
import type { AuditLog } from "./service.ts";
import type { AuditSelection } from "./store.ts";

const tags = ["audit"];
const DEFAULT_LIMIT = 100;

export interface AuditRouteParts {
  readonly audit: AuditLog;
  readonly recordings: Recordings;
}

/** `/api/v1/audit`: read, verify and export the audit log. Nothing here changes it. */
export function auditRoutes(app: HubApp, { audit, recordings }: AuditRouteParts): void {
  app.get(
    "/api/v1/audit",
    {
      config: { permission: "audit.view" },
      schema: {
        tags,
        summary: "Who changed what: the audit log, newest first",
        querystring: AuditQuerySchema,
        response: { 200: AuditPageSchema, ...problems },
      },
    },
    ({ query }) =>
      audit.page({
        ...selection(query),
        order: query.order ?? "desc",
        limit: query.limit ?? DEFAULT_LIMIT,
        ...(query.after === undefined ? {} : { after: query.after }),
      }),
  );
  app.get(
    "/api/v1/audit/head",
    {
      config: { permission: "audit.view" },
      schema: {
        tags,
        summary: "Number and hash of the last entry",
        description: "Kept outside of the hub, it shows later that the log was neither cut nor rewritten up to here.",
        response: { 200: AuditHeadSchema, ...problems },
      },
    },
    () => audit.head(),
  );
  app.get(
    "/api/v1/audit/verify",
    {
      config: { permission: "audit.view" },
      schema: {
        tags,
        summary: "Check the whole log against its hashes",
        querystring: AuditVerifyQuerySchema,
        response: { 200: AuditVerificationSchema, ...problems },
      },
    },
    ({ query }) => audit.verify(query.fromHead === undefined ? undefined : parseHead(query.fromHead)),
  );
  app.get(
    "/api/v1/audit/export",
    {
      // Whoever takes the log away, or watches others' terminals, is in it.
      config: { permission: "audit.view", audit: "audit.export" },
      schema: {
        tags,
        summary: "The audit log as JSON lines, oldest first",
        querystring: AuditFilterSchema,
        produces: ["application/x-ndjson"],
        response: { 200: Type.Unsafe<Readable>(Type.String({ description: "An entry a line." })), ...problems },
      },
    },
    async ({ query }, reply) =>
      reply.type("application/x-ndjson").send(Readable.from(jsonLines(audit.export(selection(query))))),
  );
  app.get(
    "/api/v1/audit/:number/recording",
    {
      config: { permission: "audit.view", audit: "audit.replay" },
      schema: {
        tags,
        summary: "The recorded terminal session of an entry, as asciicast v2",
        params: Type.Object({ number: Type.Integer({ minimum: 1 }) }),
        produces: ["application/x-asciicast"],
        response: { 200: Type.Unsafe<Readable>(Type.String({ description: "asciicast v2." })), ...problems },
      },
    },
    async ({ params }, reply) =>
      reply.type("application/x-asciicast").send(await recordingOf(params.number, { audit, recordings })),
  );
}

/** @throws FairleadError not_found. */
async function recordingOf(number: number, { audit, recordings }: AuditRouteParts): Promise<Readable> {
  const entry = await audit.find(number);
  if (!entry) throw new FairleadError("not_found", `There is no audit entry ${number}.`);
  const { recording } = entry.details;
  const found = typeof recording === "string" ? recordings.read(recording) : undefined;
  if (found) return found;
  const why = recording === undefined ? "has no recording" : "had a recording, which is no longer kept";
  throw new FairleadError("not_found", `The audit entry ${number} ${why}.`);
}

/** Lines joined, so that a million entries are not a million writes. */
const LINES_A_CHUNK = 100;

async function* jsonLines(entries: AsyncIterable<AuditEntry>): AsyncGenerator<string> {
  let lines: string[] = [];
  for await (const entry of entries) {
    lines.push(`${JSON.stringify(entry)}\n`);
    if (lines.length < LINES_A_CHUNK) continue;
    yield lines.join("");
    lines = [];
  }
  yield lines.join("");
}

function selection(query: AuditFilter): Omit<AuditSelection, "order" | "limit"> {
  const actions = commaList(query.action);
  const environments = commaList(query.environment);
  const outcomes = commaList(query.outcome)?.map(outcomeOf);
  return {
    ...(query.actor === undefined ? {} : { actor: query.actor }),
    ...(actions === undefined ? {} : { actions }),
    ...(environments === undefined ? {} : { environments }),
    ...(outcomes === undefined ? {} : { outcomes }),
    ...(query.since === undefined ? {} : { since: parseQueryTime(query.since, "since") }),
    ...(query.until === undefined ? {} : { until: parseQueryTime(query.until, "until") }),
    ...(query.text === undefined || query.text === "" ? {} : { text: query.text }),
  };
}

function outcomeOf(text: string): AuditOutcome {
  const found = AUDIT_OUTCOMES.find((outcome) => outcome === text);
  if (found) return found;
  throw new FairleadError(
    "bad_request",
    `outcome: ${JSON.stringify(text.slice(0, 64))} is not one of ${AUDIT_OUTCOMES.join(", ")}.`,
    { details: { field: "outcome" } },
  );
}
