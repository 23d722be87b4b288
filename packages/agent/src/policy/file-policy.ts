import {
  type DockerCallClass,
  type DockerDemand,
  type DockerReading,
  type FairleadError,
  hasDemandsInBody,
  readDockerDemands,
} from "@fairlead/protocol";
import type { ComposeOperation } from "../compose/compose-request.ts";
import { type AskedEngine, type EngineContainer, inspectContainer, inspectExec } from "./engine-container.ts";
import { MAX_GLOB_TEXT_LENGTH } from "./glob.ts";
import { canonicalHostPath, isBelowRoot } from "./host-path.ts";
import { parseImageReference } from "./image-reference.ts";
import {
  type AdmittedCall,
  type ComposeWish,
  describeCall,
  knownCall,
  type Policy,
  type PolicyCall,
  refused,
  type Review,
} from "./policy.ts";
import type { ContainerPattern, PolicyRules } from "./policy-rules.ts";

/** Calls that get an image onto the host, or give it a name, without a registry that answers for it. */
const UNCHECKED_IMAGES = new Set([
  "POST /build",
  "POST /session",
  "POST /grpc",
  "POST /images/load",
  "POST /images/{name}/tag",
  "POST /commit",
]);

/** Calls that are about containers nobody names. */
const UNNAMED_CONTAINERS = new Set([
  "POST /containers/prune",
  "POST /services/create",
  "POST /services/{id}/update",
  "DELETE /services/{id}",
  "GET /services/{id}/logs",
  "GET /tasks/{id}/logs",
]);

/** Operations of compose that are about what runs already, and have no need of new files. */
const FILELESS_OPERATIONS: ReadonlySet<string> = new Set(["ps", "logs", "restart", "stop", "start"]);

const NO_BYTES = new Uint8Array(0);

/** What a call is about, while it is judged. */
interface Judged {
  readonly call: PolicyCall;
  readonly known: DockerCallClass;
  /** `POST /containers/{id}/exec` */
  readonly row: string;
  readonly refuse: (why: string, rule: string) => FairleadError;
}

/** A policy from a file: what it does not allow is refused. */
export class FilePolicy implements Policy {
  readonly name: string;
  readonly #rules: PolicyRules;

  constructor(rules: PolicyRules) {
    this.#rules = rules;
    this.name = `file:${rules.name}`;
  }

  judge(call: PolicyCall, engine: AskedEngine): Review | undefined {
    const known = knownCall(this.name, call);
    const row = `${known.endpoint.method} ${known.endpoint.path}`;
    const refuse = (why: string, rule: string): FairleadError => refused(this.name, describeCall(call), why, rule);
    const judged: Judged = { call, known, row, refuse };
    this.#checkClass(judged);
    if (hasDemandsInBody(known.endpoint)) {
      return {
        needsBody: true,
        finish: async (body) => {
          const reading = readDockerDemands(known, call.target, body);
          this.#checkReading(judged, reading);
          return { ...(await this.#checkContainers(judged, reading, engine)), body: reading.body };
        },
      };
    }
    const reading = readDockerDemands(known, call.target, NO_BYTES);
    this.#checkReading(judged, reading);
    if (!this.#asksEngine(judged, reading)) return undefined;
    return { needsBody: false, finish: () => this.#checkContainers(judged, reading, engine) };
  }

  judgeCompose({ operation, changesFiles }: ComposeWish): void {
    const what = `compose ${operation}`;
    if (!this.#rules.composeOperations.includes(operation as ComposeOperation)) {
      throw refused(this.name, what, "it is not in the list", "compose.operations");
    }
    // Who may only look, or start and stop what is there, is not to change what the next `up` makes of it.
    if (changesFiles && FILELESS_OPERATIONS.has(operation)) {
      throw refused(this.name, what, "it would write or delete files", "compose files");
    }
  }

  #checkClass({ known, refuse }: Judged): void {
    const { permission } = known.endpoint;
    const { allow, deny } = this.#rules;
    const denied = deny.find(({ expression }) => expression.test(permission));
    if (denied !== undefined) throw refuse(`${permission} is denied`, `deny: ${denied.text}`);
    if (!allow.some(({ expression }) => expression.test(permission))) {
      throw refuse(`${permission} is not allowed`, "allow");
    }
  }

  /** All that the call itself tells. */
  #checkReading(judged: Judged, { demands, images }: DockerReading): void {
    for (const demand of demands) this.#checkDemand(judged, demand);
    this.#checkImages(judged, images);
    if (this.#rules.containers !== undefined && UNNAMED_CONTAINERS.has(judged.row)) {
      throw judged.refuse("it is about containers that it does not name", "containers");
    }
  }

  #checkDemand({ refuse }: Judged, { kind, value, field, readOnly }: DockerDemand): void {
    const rules = this.#rules;
    const shown = JSON.stringify(value.slice(0, 150));
    switch (kind) {
      case "privileged":
        if (!rules.allowsPrivileged) throw refuse(`${field} asks for ${value}`, "privileged");
        return;
      case "security":
      case "unknown":
        if (!rules.allowsUnconfined) throw refuse(`${field} asks for ${value.slice(0, 150)}`, "unconfined");
        return;
      case "namespace":
        if (!rules.hostNamespaces.includes(value)) {
          throw refuse(`${field} asks for the host's ${value} namespace`, "hostNamespaces");
        }
        return;
      case "capability":
        if (!rules.capabilities.includes(value) && !rules.capabilities.includes("ALL")) {
          throw refuse(`${field} asks for the capability ${value}`, "capabilities");
        }
        return;
      case "device":
        if (!this.#hasDevice(value)) throw refuse(`${field} asks for the device ${shown}`, "devices");
        return;
      case "bind":
        if (!isBelowRoot(rules.binds, value, readOnly === true)) {
          throw refuse(`${field} mounts ${shown}${readOnly ? "" : " to be written to"}`, "binds");
        }
        return;
      case "container":
        // Looked at with its name and labels, in #checkContainers.
        return;
    }
  }

  #hasDevice(value: string): boolean {
    const isPath = value.startsWith("/");
    const device = isPath ? canonicalHostPath(value) : value;
    return device !== undefined && this.#rules.devices.some(({ expression }) => expression.test(device));
  }

  #checkImages({ row, refuse }: Judged, images: readonly string[]): void {
    const rules = this.#rules.images;
    if (rules === undefined) return;
    const isImport = row === "POST /images/create" && images.length === 0;
    if (!rules.allowsUnchecked && (isImport || UNCHECKED_IMAGES.has(row))) {
      throw refuse("it makes or names an image without a registry", "images.unchecked");
    }
    for (const image of images) {
      const shown = JSON.stringify(image.slice(0, 150));
      const reference = parseImageReference(image);
      if (reference === undefined) throw refuse(`the image ${shown} is not named as in a registry`, "images.allow");
      if (rules.needsDigest && reference.digest === undefined) {
        throw refuse(`the image ${shown} is not named by its digest`, "images.digest");
      }
      if (!rules.allow.some((pattern) => pattern.matches(reference))) {
        throw refuse(`the image ${shown} is not in the list`, "images.allow");
      }
    }
  }

  #asksEngine({ row, known }: Judged, { demands }: DockerReading): boolean {
    // An exec may have been created by somebody else.
    if (row === "POST /exec/{id}/start") return true;
    if (this.#rules.containers === undefined) return false;
    return isAboutContainer(known) || isAboutExec(known) || demands.some(({ kind }) => kind === "container");
  }

  /** All for which the engine has to be asked. Containers that are there are then called by their full id. */
  async #checkContainers(judged: Judged, reading: DockerReading, engine: AskedEngine): Promise<AdmittedCall> {
    const { call, known, row } = judged;
    const { containers, execUsers } = this.#rules;
    const subject = known.subject ?? "";
    if (isAboutExec(known)) {
      const exec = await inspectExec(engine, subject);
      if (row === "POST /exec/{id}/start") await this.#checkExec(judged, exec, engine);
      if (containers !== undefined) this.#checkContainer(judged, await inspectContainer(engine, exec.containerId));
      return { target: call.target };
    }
    if (containers !== undefined) {
      for (const { kind, value, field } of reading.demands) {
        if (kind === "container") await this.#checkReference(judged, value, field, engine);
      }
    }
    if (row === "POST /containers/create") this.#checkContainer(judged, reading);
    const needsUser = row === "POST /containers/{id}/exec" && execUsers !== undefined;
    if (!isAboutContainer(known) || (containers === undefined && !needsUser)) return { target: call.target };
    const container = await inspectContainer(engine, subject);
    this.#checkContainer(judged, container);
    if (row === "POST /containers/{id}/rename") {
      this.#checkContainer(judged, { name: reading.name, labels: container.labels });
    }
    if (needsUser) this.#checkUser(judged, reading.user || container.user);
    return { target: withSubject(call.target, subject, container.id), containerId: container.id };
  }

  async #checkExec(judged: Judged, exec: Awaited<ReturnType<typeof inspectExec>>, engine: AskedEngine): Promise<void> {
    if (exec.privileged && !this.#rules.allowsPrivileged) throw judged.refuse("the exec is privileged", "privileged");
    if (this.#rules.execUsers === undefined) return;
    this.#checkUser(judged, exec.user || (await inspectContainer(engine, exec.containerId)).user);
  }

  #checkUser({ refuse }: Judged, user: string): void {
    const shown = user === "" ? "root" : user;
    if (this.#rules.execUsers?.includes(shown) === false) {
      throw refuse(`it would run as ${JSON.stringify(shown.slice(0, 100))}`, "exec.users");
    }
  }

  /** A container in a body or query, which goes to the engine as it is. */
  async #checkReference(judged: Judged, reference: string, field: string, engine: AskedEngine): Promise<void> {
    // The beginning of an id may be the name of one container now, and another's id when the engine reads it.
    if (/^[0-9a-f]{1,63}$/.test(reference)) {
      throw judged.refuse(`${field} may be the beginning of an id: write it in full, or a name`, "containers");
    }
    this.#checkContainer(judged, await inspectContainer(engine, reference));
  }

  #checkContainer({ refuse }: Judged, container: Pick<EngineContainer, "name" | "labels">): void {
    const rules = this.#rules.containers;
    if (rules === undefined) return;
    const shown = `the container ${JSON.stringify(container.name.slice(0, 100))}`;
    // No pattern matches it, so that none could deny it either.
    if ([...rules.deny, ...(rules.allow ?? [])].some((pattern) => isTooLong(pattern, container))) {
      throw refuse(`${shown} has a name or label of more than ${MAX_GLOB_TEXT_LENGTH} characters`, "containers");
    }
    const denied = rules.deny.find((pattern) => matches(pattern, container));
    if (denied !== undefined) throw refuse(`${shown} is denied`, `containers.deny: ${denied.text}`);
    if (rules.allow !== undefined && !rules.allow.some((pattern) => matches(pattern, container))) {
      throw refuse(`${shown} is not in the list`, "containers.allow");
    }
  }
}

function matches({ name, labels }: ContainerPattern, container: Pick<EngineContainer, "name" | "labels">): boolean {
  if (name !== undefined && !name.test(container.name)) return false;
  return labels.every((label) => {
    const value = Object.hasOwn(container.labels, label.name) ? container.labels[label.name] : undefined;
    return value !== undefined && label.value.test(value);
  });
}

function isTooLong({ name, labels }: ContainerPattern, container: Pick<EngineContainer, "name" | "labels">): boolean {
  const values = labels.map(
    (label) => (Object.hasOwn(container.labels, label.name) && container.labels[label.name]) || "",
  );
  return [...values, name === undefined ? "" : container.name].some(({ length }) => length > MAX_GLOB_TEXT_LENGTH);
}

function isAboutContainer({ endpoint }: DockerCallClass): boolean {
  return endpoint.path.startsWith("/containers/{id}");
}

function isAboutExec({ endpoint }: DockerCallClass): boolean {
  return endpoint.path.startsWith("/exec/{id}");
}

/** The target with another container in it. A class with a container has its name in one segment, the first after `containers`. */
function withSubject(target: string, subject: string, id: string): string {
  const [path = "", ...query] = target.split("?");
  const segments = decodeURIComponent(path).split("/");
  segments[segments.indexOf("containers") + 1] = subject === "" ? "" : id;
  return [segments.map(encodeURIComponent).join("/"), ...query].join("?");
}
