import { randomBytes } from "node:crypto";
import type { ClientRequest, IncomingMessage } from "node:http";
import { ERRORS, FairleadError } from "@fairlead/protocol";
import type { HubKeyCheck } from "../link/hub-key.ts";
import { type HubWay, hubWay } from "../link/hub-way.ts";
import { RefusedByHub } from "../link/refused-by-hub.ts";
import type { Log } from "../log.ts";
import { FirstTrust, type FirstTrustOptions } from "./first-trust.ts";
import { CredentialDraft, credentialPath, hashJoinKey, hubBase, type HubCredential } from "./credential-file.ts";

export interface JoinHubOptions extends FirstTrustOptions {
  /** For the hub's and proxies' logs. */
  readonly userAgent: string;
  readonly signal: AbortSignal;
}

/** Of this process: the key is spent when the hub's answer is lost on the way, but not for who sends the same secret again. */
const ATTEMPT = randomBytes(32).toString("base64url");

/** Answers are some hundred bytes; what is longer is not a hub's. */
const MAX_ANSWER_BYTES = 16 * 1024;

/**
 * Trades the join key for a token of the agent's own, and keeps that in the data folder.
 *
 * Where no authority vouches for the hub's certificate, its public key is pinned: checked against the fingerprint that the
 * join key carries, else against what was pinned before, else trusted this first time.
 *
 * @throws RefusedByHub when the hub says no; FairleadError hub_not_trusted, agent_disconnected, config_invalid, cancelled.
 */
export async function joinHub(options: JoinHubOptions): Promise<HubCredential> {
  const { config, joinKey, log } = options;
  const { agentId, agentName, hostname, dataDir, serverUrl } = config;
  const draft = await CredentialDraft.open(dataDir);
  try {
    const trust = new FirstTrust(options);
    const body = JSON.stringify({ joinKey, agentId, agentName, hostname, attempt: ATTEMPT });
    const { status, text, retryAfterMs } = await post(options, trust.check, body);
    const joined = status === 200 ? readJoined(text) : undefined;
    if (joined === undefined) throw refusal(status, text, retryAfterMs);
    const pin = trust.pin === undefined ? {} : { pin: trust.pin };
    const credential = { server: hubBase(serverUrl), token: joined.token, ...pin, joinKeyHash: hashJoinKey(joinKey) };
    await keep(draft, credential, log, { environment: joined.environment, path: credentialPath(dataDir) });
    return credential;
  } catch (error) {
    await draft.discard();
    throw error;
  }
}

/** The key is spent: where the disk is full of a sudden, the token still serves until the next start. */
async function keep(
  draft: CredentialDraft,
  credential: HubCredential,
  log: Log,
  fields: { environment: string | undefined; path: string },
): Promise<void> {
  try {
    await draft.keep(credential);
    log.info("joined the hub; its credential is kept for the next start", fields);
  } catch (error) {
    await draft.discard().catch(() => {});
    const reason = (error as Error).message;
    log.error("joined the hub, but its credential cannot be kept: the next start needs a new join key", {
      ...fields,
      reason,
    });
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly retryAfterMs: number | undefined;
}

async function post(
  { config, userAgent, signal }: JoinHubOptions,
  checkKey: HubKeyCheck | undefined,
  body: string,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const way = await hubWay({ ...config, checkKey }, reject);
  const url = new URL(`${hubBase(config.serverUrl).replace(/^ws/, "http")}/api/v1/agents/join`);
  const isSecure = url.protocol === "https:";
  const { request } = isSecure ? await import("node:https") : await import("node:http");
  const call = request(url, {
    agent: false,
    ...way.options,
    method: "POST",
    headers: {
      "user-agent": userAgent,
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      connection: "close",
    },
    signal: AbortSignal.any([signal, AbortSignal.timeout(config.welcomeTimeoutMs)]),
  });
  call.once("response", (response) => void readAnswer(response).then(resolve, reject));
  call.on("error", (error) => reject(joinFailure(error, way, signal, config.welcomeTimeoutMs)));
  way.watch(call);
  sendWhenReady(call, isSecure, body);
  try {
    return await promise;
  } finally {
    call.destroy();
  }
}

/** The key goes out when the handshake is over and the hub is known, not before. */
function sendWhenReady(call: ClientRequest, isSecure: boolean, body: string): void {
  call.once("socket", (socket) => {
    socket.once(isSecure ? "secureConnect" : "connect", () => {
      if (!call.destroyed) call.end(body);
    });
    // A proxy's connection is there already.
    if (!isSecure && !socket.connecting) call.end(body);
  });
}

function joinFailure(error: Error, way: HubWay, signal: AbortSignal, timeoutMs: number): FairleadError {
  if (signal.aborted) return new FairleadError("cancelled", "the agent is stopping");
  if (error.name === "AbortError" || error.name === "TimeoutError") {
    return new FairleadError("agent_disconnected", `the hub did not answer the join within ${timeoutMs / 1000} s`);
  }
  return way.failure(error);
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes > MAX_ANSWER_BYTES) break;
  }
  const retryAfter = Number(response.headers["retry-after"]);
  return {
    status: response.statusCode ?? 0,
    text: Buffer.concat(pieces).toString("utf8"),
    retryAfterMs: Number.isFinite(retryAfter) ? retryAfter * 1000 : undefined,
  };
}

function readJoined(text: string): { token: string; environment: string | undefined } | undefined {
  const { token, environment } = fieldsOf(text);
  if (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token)) return undefined;
  const name: unknown = (environment as { name?: unknown } | undefined)?.name;
  return { token, environment: typeof name === "string" ? name : undefined };
}

function refusal(status: number, text: string, retryAfterMs: number | undefined): RefusedByHub {
  const { code, message } = fieldsOf(text);
  const isOurs = typeof code === "string" && Object.hasOwn(ERRORS, code) && typeof message === "string";
  // Not what was sent: a 200 of something else may repeat it.
  const what = isOurs ? message : "is it a Fairlead hub, one that knows join keys? Others take a token, in TOKEN";
  return new RefusedByHub(isOurs ? what : `the hub's address answered HTTP ${status} to the join: ${what}`, {
    // What has another reason than the key passes: a hub that is busy, a proxy without its hub.
    tokenRefused: status < 500 && status !== 429,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function fieldsOf(text: string): Record<string, unknown> {
  try {
    return (JSON.parse(text) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}
