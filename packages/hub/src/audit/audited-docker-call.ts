import type { DockerCallClass } from "@fairlead/protocol";
import { queryOf } from "../docker-endpoint/docker-path.ts";
import { AuditedCall, type CallFacts } from "./audited-call.ts";
import { auditPath } from "./audit-path.ts";
import type { AuditRecorder } from "./service.ts";

/** A Docker call that changes something, or puts its caller into a container. */
export class AuditedDockerCall extends AuditedCall {
  /** Undefined of a call that Docker's table does not know. */
  readonly dockerClass: DockerCallClass | undefined;
  readonly query: URLSearchParams;

  constructor(
    audit: AuditRecorder,
    dockerClass: DockerCallClass | undefined,
    facts: Omit<CallFacts, "door" | "action" | "path">,
    path: string,
  ) {
    super(audit, {
      ...facts,
      door: "docker",
      action: dockerClass?.endpoint.permission ?? "engine.other",
      path: auditPath(path),
    });
    this.dockerClass = dockerClass;
    this.query = queryOf(auditPath(path));
    this.target = dockerClass?.subject ?? this.#named();
  }

  /** `/exec/{id}/start`: a program begins in a container. */
  get execId(): string | undefined {
    return this.dockerClass?.endpoint.path === "/exec/{id}/start" ? this.dockerClass.subject : undefined;
  }

  /** `/containers/{id}/attach`. */
  get attachedTo(): string | undefined {
    return this.dockerClass?.endpoint.path === "/containers/{id}/attach" ? this.dockerClass.subject : undefined;
  }

  /** A terminal's window was resized: it changes nothing, and there are many of them. */
  get isResize(): boolean {
    return this.dockerClass?.endpoint.path.endsWith("/resize") ?? false;
  }

  /** What a call is about whose path does not say it. */
  #named(): string | undefined {
    const path = this.dockerClass?.endpoint.path;
    if (path === "/images/create") {
      const tag = this.query.get("tag");
      return [this.query.get("fromImage"), tag].filter(Boolean).join(tag?.startsWith("sha256:") === true ? "@" : ":");
    }
    const name = path === "/build" ? "t" : path === "/commit" ? "container" : "name";
    return this.query.get(name) ?? undefined;
  }
}
