import { FairleadError, isFairleadError, splitCommand } from "@fairlead/protocol";
import type { EngineAnswer, EngineCall } from "../engine/engine-client.ts";
import type { AskedEngine } from "./engine-container.ts";
import { judgeRequest } from "./judge-request.ts";
import type { Policy } from "./policy.ts";

/** One thing that a hub may ask, to be tried against a policy. One of `path`, `exec_start` and `compose`. */
export interface PolicyTrial {
  /** Default: GET. */
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A JSON value, or a text that is sent as it is. */
  readonly body?: unknown;
  readonly exec_start?: { readonly containerId: string; readonly user?: string; readonly cmd?: string };
  readonly compose?: { readonly operation: string; readonly changesFiles?: boolean };
  /** The container that the call is about, and whoever else it names. Default: one of the name that is asked for, without labels. */
  readonly container?: {
    readonly name?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly user?: string;
  };
}

/** What a policy says to it. */
export interface PolicyVerdict {
  readonly call: string;
  readonly allowed: boolean;
  /** Why not. */
  readonly reason?: string;
  /** The rule that refused; absent for what cannot be checked at all. */
  readonly rule?: string;
}

/** Says what a policy would do. No engine is asked. */
export async function tryPolicy(policy: Policy, trial: PolicyTrial): Promise<PolicyVerdict> {
  const call = describeTrial(trial);
  try {
    await judge(policy, trial);
    return { call, allowed: true };
  } catch (error) {
    if (!isFairleadError(error)) throw error;
    const rule = error.details?.["rule"];
    return { call, allowed: false, reason: error.message, ...(typeof rule === "string" ? { rule } : {}) };
  }
}

async function judge(policy: Policy, trial: PolicyTrial): Promise<void> {
  const engine = imaginedEngine(trial.container);
  const { compose, exec_start: exec } = trial;
  if (compose !== undefined) {
    policy.judgeCompose({ operation: compose.operation, changesFiles: compose.changesFiles ?? false });
  } else if (exec !== undefined) {
    const body = JSON.stringify({ Cmd: splitCommand(exec.cmd ?? "/bin/sh"), User: exec.user ?? "" });
    const path = `/containers/${encodeURIComponent(exec.containerId)}/exec`;
    await judgeRequest(policy, { method: "POST", path, body: Buffer.from(body) }, engine);
  } else {
    const { method = "GET", path = "", headers, body } = trial;
    const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
    await judgeRequest(
      policy,
      { method, path, body: Buffer.from(text), ...(headers === undefined ? {} : { headers }) },
      engine,
    );
  }
}

function describeTrial({ method = "GET", path = "", exec_start: exec, compose }: PolicyTrial): string {
  if (compose !== undefined) return `compose ${compose.operation}`;
  if (exec !== undefined) return `exec_start ${exec.containerId}${exec.user ? ` ${exec.user}` : ""}`;
  return `${method} ${path}`;
}

/** Knows one container, by whatever name it is asked for, and execs in it. */
function imaginedEngine(container: PolicyTrial["container"]): AskedEngine {
  const inspected = (asked: string): object => ({
    Id: IMAGINED_ID,
    Name: `/${container?.name ?? asked}`,
    Config: { Labels: container?.labels ?? {}, User: container?.user ?? "" },
  });
  return {
    name: "the imagined engine",
    ownPath: (path) => Promise.resolve(path),
    request: ({ path }: EngineCall): Promise<EngineAnswer> => {
      const [, kind, asked = ""] = /^\/(containers|exec)\/([^/]+)\/json$/.exec(path) ?? [];
      if (kind === undefined) throw new FairleadError("internal", `the policy asked for ${path}`);
      const answer =
        kind === "exec"
          ? { ContainerID: container?.name ?? asked, ProcessConfig: { user: container?.user ?? "" } }
          : inspected(decodeURIComponent(asked));
      return Promise.resolve({ status: 200, headers: {}, body: Buffer.from(JSON.stringify(answer)) });
    },
  };
}

const IMAGINED_ID = "0".repeat(64);

/**
 * Reads a line: JSON as {@link PolicyTrial}, or in short `METHOD PATH`, `compose OPERATION`, `exec_start CONTAINER [USER]`.
 * @throws FairleadError `bad_request`
 */
export function parsePolicyTrial(line: string): PolicyTrial {
  if (line.startsWith("{")) return parseJsonTrial(line);
  const [first = "", second = "", third, ...rest] = line.split(/\s+/);
  if (second === "" || rest.length > 0) throw notATrial(line, "it is neither JSON nor METHOD PATH");
  if (first === "compose") return { compose: { operation: second } };
  if (first === "exec_start")
    return { exec_start: { containerId: second, ...(third === undefined ? {} : { user: third }) } };
  if (third !== undefined) throw notATrial(line, "it has more than METHOD PATH");
  return { method: first, path: second };
}

function parseJsonTrial(line: string): PolicyTrial {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw notATrial(line, (error as Error).message);
  }
  const trial = value as PolicyTrial;
  const isTrial =
    typeof trial.path === "string" ||
    typeof trial.exec_start?.containerId === "string" ||
    typeof trial.compose?.operation === "string";
  if (isTrial) return trial;
  throw notATrial(line, "it has none of path, exec_start.containerId and compose.operation");
}

function notATrial(line: string, reason: string): FairleadError {
  return new FairleadError("bad_request", `not a request: ${line.slice(0, 100)} (${reason})`);
}
