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
import type { AuditLog } from "./service.ts";
import type { AuditSelection } from "./store.ts";

const tags = ["audit"];
const DEFAULT_LIMIT = 100;

/** `/api/v1/audit`: read, verify and export the audit log. Nothing here changes it. */
export function auditRoutes(app: HubApp, audit: AuditLog): void {
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
      config: { permission: "audit.view" },
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
