import {
  type DockerCallClass,
  type ErrorCode,
  FairleadError,
  classifyDockerCall,
  hasCheckedVersion,
  isFormContentType,
  OLDEST_CHECKED_VERSION,
} from "@fairlead/protocol";
import type { AskedEngine } from "./engine-container.ts";

/** A call that a hub or a client of standard mode asks for, before anything of it reached the engine. */
export interface PolicyCall {
  readonly method: string;
  /** Path with query, as it goes into the request line. */
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The connection is to leave HTTP; empty: without saying for what. */
  readonly upgrade?: string | undefined;
}

/** What goes to the engine in place of what came. */
export interface AdmittedCall {
  readonly target: string;
  /** Full id of the container that the call is about, when the policy asked for it. */
  readonly containerId?: string;
  /** In place of the call's body; undefined: that goes on as it comes. */
  readonly body?: Uint8Array;
}

/** The rest of a decision. */
export interface Review {
  /** `finish` wants the call's whole body, of at most `MAX_DEMANDS_BODY_BYTES`. Otherwise it is given none. */
  readonly needsBody: boolean;
  /** @throws FairleadError `policy_refused`, or what went wrong when the engine was asked */
  finish(body: Uint8Array): Promise<AdmittedCall>;
}

/** A compose operation, as far as policies look at it. */
export interface ComposeWish {
  readonly operation: string;
  /** It changes files in the stacks' folder first. */
  readonly changesFiles: boolean;
}

/** What this host lets a hub do. `POLICY=full` is no policy at all: nothing is looked at. */
export interface Policy {
  /** `no-exec`, `read-only`, or `file:NAME`. */
  readonly name: string;
  /**
   * Decides on a call.
   * @returns undefined: it may go as it came
   * @throws FairleadError `policy_refused`
   */
  judge(call: PolicyCall, engine: AskedEngine): Review | undefined;
  /** @throws FairleadError `policy_refused` */
  judgeCompose(wish: ComposeWish): void;
}

/** Calls that take their connection over, with the protocols that engines and clients speak on it. */
const UPGRADES: Readonly<Record<string, readonly string[]>> = {
  "POST /containers/{id}/attach": ["", "tcp"],
  "POST /exec/{id}/start": ["", "tcp"],
  "GET /containers/{id}/attach/ws": ["websocket"],
  "POST /session": ["", "h2c"],
  "POST /grpc": ["", "h2c"],
};

/** A refusal that names policy, call and rule. */
export function refused(policy: string, what: string, why: string, rule: string): FairleadError {
  const code: ErrorCode = "policy_refused";
  const text = `this host's policy (${policy}) refuses ${what.slice(0, 200)}: ${why.slice(0, 300)} [rule: ${rule.slice(0, 200)}]`;
  return new FairleadError(code, text, { details: { policy, rule } });
}

/**
 * The class of a call that is spelled in the one way that everybody reads alike.
 * @throws FairleadError `policy_refused`
 */
export function knownCall(policy: string, call: PolicyCall): DockerCallClass {
  const what = describeCall(call);
  // Above ASCII, the agent sees characters where the engine sees bytes.
  const found = /^[\x20-\x7e]*$/.test(call.target) ? classifyDockerCall(call.method, call.target) : undefined;
  if (found === undefined) {
    throw refused(policy, what, "it is no endpoint that this agent knows, or is not spelled as one", "known endpoints");
  }
  if (!hasCheckedVersion(found)) {
    throw refused(policy, what, `API versions before ${OLDEST_CHECKED_VERSION} are not checked`, "API version");
  }
  const { method, path } = found.endpoint;
  const upgrades = Object.hasOwn(UPGRADES, `${method} ${path}`) ? UPGRADES[`${method} ${path}`] : [];
  for (const [name, value] of call.headers) {
    const lower = name.toLowerCase();
    if (lower === "content-type" && isFormContentType(value)) {
      throw refused(policy, what, "a form as body would take the place of the query", "content type");
    }
    if (lower === "upgrade" && !upgrades?.includes(value.trim().toLowerCase())) {
      throw refused(policy, what, `it has no upgrade to ${JSON.stringify(value)}`, "upgrades");
    }
  }
  if (call.upgrade !== undefined && !upgrades?.includes(call.upgrade.toLowerCase())) {
    throw refused(policy, what, `it has no upgrade to ${JSON.stringify(call.upgrade)}`, "upgrades");
  }
  return found;
}

/** `POST /containers/create`, for messages: the query may hold what is nobody else's business. */
export function describeCall({ method, target }: Pick<PolicyCall, "method" | "target">): string {
  return `${method} ${target.split("?", 1)[0]}`.replaceAll(/[^\x20-\x7e]/g, "?");
}
