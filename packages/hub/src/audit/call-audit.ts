import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { classifyDockerCall } from "@fairlead/protocol";
import { queryOf } from "../docker-endpoint/docker-path.ts";
import type { SpliceTap } from "../docker-endpoint/splice.ts";
import type { EngineConnection } from "../engine/engine-connection.ts";
import type { EnvironmentRecord } from "../environments/record.ts";
import { answerOf } from "../http/answer-note.ts";
import { auditPath } from "./audit-path.ts";
import { AuditedCall, type CallFacts } from "./audited-call.ts";
import { AuditedDockerCall } from "./audited-docker-call.ts";
import type { Recording } from "./recording/recording.ts";
import type { Recordings } from "./recording/recordings.ts";
import type { AuditRecorder } from "./service.ts";

export interface CallAuditOptions {
  readonly audit: AuditRecorder;
  readonly recordings: Recordings;
  readonly connections: { for(environmentId: number): EngineConnection };
  readonly addressOf: (request: IncomingMessage) => string;
}

/** An engine that does not say by then what an exec belongs to: the entry has the exec's id alone, and nothing is recorded. */
const LOOK_UP_TIMEOUT_MS = 5_000;

/** Until the client says its size, which it does at once. */
const USUAL_SIZE = { cols: 80, rows: 24 };

const TERMINAL = { door: "terminal", action: "container.exec" } as const;

/** What an exec or attach goes into. */
interface Session {
  /** Full id. */
  readonly container: string;
  readonly hasTerminal: boolean;
}

/**
 * What goes through the Docker endpoint and the terminals, for the audit log: changes and execs by the table of Docker's API, and
 * what the table does not know unless it is a GET or HEAD. Of what only reads there is no entry.
 */
export class CallAudit {
  readonly #options: CallAuditOptions;
  /** Terminals being recorded, by environment and exec or container; as many as are recorded at once. */
  readonly #recorded = new Map<string, Recording>();

  constructor(options: CallAuditOptions) {
    this.#options = options;
  }

  /** The entry-to-be of a terminal, before anybody is let in. The terminal itself tells its end. */
  beginTerminal(request: IncomingMessage): AuditedCall {
    const { url = "", method = "" } = request;
    const path = auditPath(url);
    const call = new AuditedCall(this.#options.audit, { ...this.#factsOf(request, method), ...TERMINAL, path });
    call.target = queryOf(path).get("container") ?? undefined;
    return call;
  }

  /** The entry-to-be of a Docker call, before anybody is let in; `undefined` when it only reads. @param path as the engine has it. */
  begin(request: IncomingMessage, path: string): AuditedDockerCall | undefined {
    const { method = "" } = request;
    const dockerClass = classifyDockerCall(method, path);
    const reads = dockerClass ? dockerClass.endpoint.effect === "read" : method === "GET" || method === "HEAD";
    if (reads) return undefined;
    return new AuditedDockerCall(this.#options.audit, dockerClass, this.#factsOf(request, method), path);
  }

  /** Follows an ordinary call to its end. */
  follow(call: AuditedDockerCall, response: ServerResponse): void {
    response.once("close", () => {
      const answer = answerOf(response);
      if (call.isResize && answer !== undefined && answer.status < 400) call.forget();
      else call.end(answer, response.writableFinished ? undefined : "failed");
    });
  }

  /** Follows a connection that leaves HTTP to its end. */
  followUpgrade(call: AuditedDockerCall, connection: Duplex): void {
    const { bytesRead: readBefore = 0, bytesWritten: writtenBefore = 0 } = connection as Partial<Socket>;
    const end = async (): Promise<void> => {
      const { bytesRead = 0, bytesWritten = 0 } = connection as Partial<Socket>;
      call.add({ bytesIn: bytesRead - readBefore, bytesOut: bytesWritten - writtenBefore });
      call.add(await this.#options.recordings.close(call.requestId));
      call.end(answerOf(connection));
    };
    connection.once("close", () => void end());
  }

  /** The caller was let in: an ordinary call goes to the engine. */
  admitted(call: AuditedDockerCall, environment: EnvironmentRecord): void {
    if (call.isResize) this.#resize(call, environment);
    else if (call.execId !== undefined) void this.#lookUp(call, environment);
  }

  /**
   * The caller was let in: its connection goes to the engine. Waits for the engine only when the terminal is to be recorded.
   *
   * @returns What records it.
   */
  async admittedUpgrade(call: AuditedDockerCall, environment: EnvironmentRecord): Promise<SpliceTap | undefined> {
    const isTerminal = call.execId !== undefined || call.attachedTo !== undefined;
    if (!isTerminal || (call.execId === undefined && !this.#options.recordings.isOn)) {
      call.started();
      return undefined;
    }
    const looking = this.#lookUp(call, environment);
    if (!this.#options.recordings.isOn) {
      void looking.then(() => call.started());
      return undefined;
    }
    const session = await looking;
    const tap = session?.hasTerminal === true ? this.#record(call, environment, session) : undefined;
    call.started();
    return tap;
  }

  #factsOf(request: IncomingMessage, method: string): Pick<CallFacts, "method" | "address" | "requestId"> {
    return { method, address: this.#options.addressOf(request), requestId: randomUUID() };
  }

  #record(call: AuditedDockerCall, environment: EnvironmentRecord, session: Session): SpliceTap | undefined {
    const recording = this.#options.recordings.open(call.requestId, USUAL_SIZE);
    if (!recording) return undefined;
    call.add({ recording: call.requestId });
    const subjects = call.execId === undefined ? [call.attachedTo, session.container] : [call.execId];
    const keys = subjects.map((subject) => `${environment.id}/${subject}`);
    for (const key of keys) this.#recorded.set(key, recording);
    void recording.ended.then(() => {
      for (const key of keys) if (this.#recorded.get(key) === recording) this.#recorded.delete(key);
    });
    return recording;
  }

  #resize({ dockerClass, query }: AuditedDockerCall, environment: EnvironmentRecord): void {
    const recording = this.#recorded.get(`${environment.id}/${dockerClass?.subject}`);
    const [cols, rows] = [Number(query.get("w")), Number(query.get("h"))];
    if (recording && cols > 0 && rows > 0) recording.resize(cols, rows);
  }

  /** Asks the engine what an exec or attach goes into, and makes the container an exec's target. Never rejects. */
  async #lookUp(call: AuditedDockerCall, environment: EnvironmentRecord): Promise<Session | undefined> {
    const path =
      call.execId === undefined
        ? `/containers/${encodeURIComponent(call.attachedTo ?? "")}/json`
        : `/exec/${encodeURIComponent(call.execId)}/json`;
    try {
      const engine = this.#options.connections.for(environment.id);
      const { status, body } = await engine.request({ method: "GET", path }, { timeoutMs: LOOK_UP_TIMEOUT_MS });
      if (status !== 200) return undefined;
      const found = JSON.parse(Buffer.from(body).toString()) as Inspected;
      const session = {
        container: found.ContainerID ?? found.Id ?? "",
        hasTerminal: found.ProcessConfig?.tty ?? found.Config?.Tty ?? false,
      };
      if (call.execId !== undefined && session.container !== "") {
        call.add({ exec: call.execId });
        call.target = session.container;
      }
      return session;
    } catch {
      // It is away, or too slow: the call itself finds out, and is told.
      return undefined;
    }
  }
}

/** Of an exec or a container. */
interface Inspected {
  readonly Id?: string;
  readonly ContainerID?: string;
  readonly ProcessConfig?: { readonly tty?: boolean };
  readonly Config?: { readonly Tty?: boolean };
}
