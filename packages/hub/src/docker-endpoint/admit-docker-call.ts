import type { IncomingMessage, ServerResponse } from "node:http";
import {
  classifyDockerCall,
  type DockerCallClass,
  type EnvironmentPermission,
  FairleadError,
  hasCheckedVersion,
  hasDemandsInBody,
  isFormContentType,
  MAX_DEMANDS_BODY_BYTES,
  permissionsOfDemands,
  readDockerDemands,
} from "@fairlead/protocol";
import { type Caller, may, mayEverything } from "../access/caller.ts";
import { callerText, demand } from "../access/service.ts";
import type { EnvironmentRecord } from "../environments/record.ts";
import { cutSlowBody } from "../http/cut-slow-body.ts";
import { queryOf } from "./docker-path.ts";
import { HeldBodies, HeldBody, readWholeBody } from "./edge-body.ts";
import { withBody } from "./with-body.ts";

/** What whoever has all rights is let in with: nothing has to be looked up for them. */
const EVERYTHING: EnvironmentPermission = "engine.other";

/** Of all callers at once: bodies that are read to see what they demand. */
const bodies = new HeldBodies();

/** A call that may be made. */
export interface AdmittedCall {
  readonly permission: EnvironmentPermission;
  /** What to carry: where the body had to be read, one that has the body as it was understood. */
  readonly request: IncomingMessage;
}

/**
 * Lets an ordinary Docker call in whose caller has the permission that its endpoint needs, and those for what it demands of the host.
 * What the table of Docker's API does not know, or what is spelled so that an engine might read it otherwise, needs `engine.other`.
 *
 * @throws FairleadError forbidden naming the permission; bad_request when what is demanded cannot be read; payload_too_large.
 */
export async function admitDockerCall(
  caller: Caller,
  environment: EnvironmentRecord,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<AdmittedCall> {
  if (mayEverything(caller)) return { permission: EVERYTHING, request };
  const call = checkedCall(request.method ?? "", path);
  const permission = call?.endpoint.permission ?? "engine.other";
  demand(caller, permission, environment);
  // The same endpoint pulls and imports.
  if (call?.endpoint.path === "/images/create" && queryOf(path).has("fromSrc")) {
    demand(caller, "image.load", environment);
  }
  const mayHaveHost = (["container.privileged", "container.bind"] as const).every((one) =>
    may(caller, one, environment),
  );
  // Opaque: what BuildKit is asked in it comes with `image.build`.
  if (!call || mayHaveHost || call.endpoint.path === "/grpc") return { permission, request };
  refuseForms(request);
  if (!hasDemandsInBody(call.endpoint)) {
    refuseDemands(caller, environment, call, path, new Uint8Array());
    return { permission, request };
  }
  const held = new HeldBody(bodies);
  cutSlowBody(request);
  try {
    const body = await readWholeBody(request, response, { limitBytes: MAX_DEMANDS_BODY_BYTES, tooLarge, held });
    return { permission, request: withBody(request, refuseDemands(caller, environment, call, path, body)) };
  } finally {
    held.release();
  }
}

/**
 * The same for a call whose connection is taken over.
 *
 * @throws FairleadError forbidden; bad_request for a call that no engine takes the connection over for, and whose body would go unread.
 */
export function admitDockerTakeOver(
  caller: Caller,
  environment: EnvironmentRecord,
  method: string,
  path: string,
): EnvironmentPermission {
  if (mayEverything(caller)) return EVERYTHING;
  const call = checkedCall(method, path);
  const permission = call?.endpoint.permission ?? "engine.other";
  demand(caller, permission, environment);
  if (call && hasDemandsInBody(call.endpoint)) {
    throw new FairleadError(
      "bad_request",
      `${method} ${call.endpoint.path} cannot be upgraded. Leave the header Upgrade out.`,
    );
  }
  return permission;
}

function checkedCall(method: string, path: string): DockerCallClass | undefined {
  const call = classifyDockerCall(method, path);
  return call && hasCheckedVersion(call) ? call : undefined;
}

/** @returns the body to send. */
function refuseDemands(
  caller: Caller,
  environment: EnvironmentRecord,
  call: DockerCallClass,
  path: string,
  body: Uint8Array,
): Uint8Array {
  const reading = readDockerDemands(call, path, body);
  for (const one of reading.demands) {
    for (const permission of permissionsOfDemands([one])) {
      if (!may(caller, permission, environment)) {
        throw new FairleadError(
          "forbidden",
          `${callerText(caller)} may not ask for ${one.field} (${one.value}) on the environment ${environment.name}: it needs ${permission}.`,
          { details: { permission, environment: environment.name, field: one.field } },
        );
      }
    }
  }
  return reading.body;
}

function refuseForms({ headers }: IncomingMessage): void {
  const type = headers["content-type"] ?? "";
  if (isFormContentType(type)) {
    throw new FairleadError("unsupported_media_type", `The content type ${type} is none of the Docker API.`);
  }
}

function tooLarge(): FairleadError {
  return new FairleadError(
    "payload_too_large",
    `The body is over ${MAX_DEMANDS_BODY_BYTES / 1024} KiB, and has to be read to see whether the caller may ask for it.`,
    { details: { limitBytes: MAX_DEMANDS_BODY_BYTES } },
  );
}
