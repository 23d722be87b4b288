import { decodeBase64, FairleadError } from "@fairlead/protocol";
import { refuseForbiddenVariable } from "./compose-environment.ts";

export const COMPOSE_OPERATIONS = ["up", "down", "pull", "ps", "logs", "restart", "stop", "start"] as const;
export type ComposeOperation = (typeof COMPOSE_OPERATIONS)[number];

/** Credentials of a registry. */
export interface RegistryLogin {
  /** Host with port; for Docker Hub also `docker.io` or its index URL. */
  url: string;
  username: string;
  password: string;
}

/** The body of `POST /_hawser/compose`, checked. Fields that were not sent have the value that asks for nothing. */
export interface ComposeRequest {
  operation: ComposeOperation;
  projectName: string;
  /** Folder below the project's, where files are written and compose runs. Absolute only when it is inside; checked by `ProjectFolder`. */
  workDir: string;
  /** Text of the compose file. Without it, a file already there is used. */
  composeFile?: string;
  /** Its path below `workDir`. Default: the compose file already there, else `docker-compose.yml`. */
  composeFileName?: string;
  /** Files to write before the operation: path below `workDir` → bytes. */
  files: ReadonlyMap<string, Uint8Array>;
  /** Services to act on; empty: all of them. `serviceName` of the request is one of them. */
  services: readonly string[];
  /** Further options of the compose command, of a list for each operation. */
  options: readonly string[];
  /** Variables for compose and for `${…}` in the compose file; they are in its environment and nowhere else. */
  envVars: ReadonlyMap<string, string>;
  registries: readonly RegistryLogin[];
  /** `up`: makes containers anew even when nothing changed. */
  forceRecreate: boolean;
  /** `down`: removes named and anonymous volumes. */
  removeVolumes: boolean;
  /** `up`: builds images first. */
  build: boolean;
  /** `up`: builds images first, without the cache. */
  noBuildCache: boolean;
  /** `up`: `always`, `missing` or `never`; `pull`: `always` or `missing`. */
  pullPolicy?: "always" | "missing" | "never";
  /** Files to delete before the operation, each only while its content has this SHA-256 (hex). */
  filesToDelete: readonly { path: string; sha256: string }[];
  /** `down`: removes the project's folder afterwards, when compose succeeded. */
  removeFiles: boolean;
  /** Sends output while it comes. */
  streamOutput: boolean;
}

/** A name as compose takes it, of a length that a folder can have. */
const PROJECT_NAME = /^[a-z0-9][a-z0-9_-]{0,127}$/;
/** As in the Compose Specification; it cannot be taken for an option. */
const SERVICE_NAME = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,254}$/;
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Entries of a list or map: large stacks have dozens. */
const MAX_ENTRIES = 10_000;
/** One variable: Linux takes no more in one string of an environment (MAX_ARG_STRLEN). */
const MAX_VARIABLE_BYTES = 128 * 1024 - 1;

const PULL_POLICIES: Readonly<Record<string, "always" | "missing" | "never">> = {
  always: "always",
  missing: "missing",
  if_not_present: "missing",
  never: "never",
};

/**
 * Checks the body of a compose operation. `null` counts as absent, unknown fields are ignored.
 * @throws FairleadError `compose_invalid` naming the field
 */
export function parseComposeRequest(body: unknown): ComposeRequest {
  if (!isObject(body)) throw composeInvalid("the body", "must be a JSON object");
  const operation = COMPOSE_OPERATIONS.find((one) => one === body["operation"]);
  if (operation === undefined) throw composeInvalid("operation", `must be one of ${COMPOSE_OPERATIONS.join(", ")}`);
  const projectName = text(body, "projectName") ?? "";
  if (!PROJECT_NAME.test(projectName)) {
    throw composeInvalid(
      "projectName",
      "must be lower-case letters, digits, - and _, and begin with a letter or digit",
    );
  }
  const composeFile = text(body, "composeFile");
  const composeFileName = text(body, "composeFileName");
  const pullPolicy = readPullPolicy(body, operation);
  return {
    operation,
    projectName,
    workDir: text(body, "workDir") ?? "",
    ...(composeFile === undefined || composeFile === "" ? {} : { composeFile }),
    ...(composeFileName === undefined || composeFileName === "" ? {} : { composeFileName }),
    files: readFiles(body),
    services: readServices(body),
    options: texts(body, "options"),
    envVars: readVariables(body),
    registries: readRegistries(body),
    forceRecreate: flag(body, "forceRecreate"),
    removeVolumes: flag(body, "removeVolumes"),
    build: flag(body, "build"),
    noBuildCache: flag(body, "noBuildCache"),
    ...(pullPolicy === undefined ? {} : { pullPolicy }),
    filesToDelete: readFilesToDelete(body),
    removeFiles: flag(body, "removeFiles"),
    streamOutput: flag(body, "streamOutput"),
  };
}

/** A `compose_invalid` that names the field. */
export function composeInvalid(field: string, reason: string): FairleadError {
  return new FairleadError("compose_invalid", `${field} ${reason}`, { details: { field } });
}

type Json = Record<string, unknown>;

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(body: Json, field: string): string | undefined {
  const value = body[field] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== "string") throw composeInvalid(field, "must be a text");
  if (value.includes("\0")) throw composeInvalid(field, "must not hold a NUL character");
  return value;
}

function flag(body: Json, field: string): boolean {
  const value = body[field] ?? false;
  if (typeof value !== "boolean") throw composeInvalid(field, "must be true or false");
  return value;
}

function list(body: Json, field: string): unknown[] {
  const value = body[field] ?? [];
  if (!Array.isArray(value)) throw composeInvalid(field, "must be a list");
  if (value.length > MAX_ENTRIES) throw composeInvalid(field, `has more than ${MAX_ENTRIES} entries`);
  return value;
}

function entries(body: Json, field: string): [string, unknown][] {
  const value = body[field] ?? {};
  if (!isObject(value)) throw composeInvalid(field, "must be an object");
  const all = Object.entries(value);
  if (all.length > MAX_ENTRIES) throw composeInvalid(field, `has more than ${MAX_ENTRIES} entries`);
  return all;
}

function texts(body: Json, field: string): string[] {
  return list(body, field).map((value, index) => text({ [`${field}[${index}]`]: value }, `${field}[${index}]`) ?? "");
}

function readServices(body: Json): string[] {
  const single = text(body, "serviceName") ?? "";
  const services = [...texts(body, "services"), ...(single === "" ? [] : [single])];
  for (const service of services) {
    if (!SERVICE_NAME.test(service)) {
      throw composeInvalid("services", `names ${JSON.stringify(service)}, which is not a service's name`);
    }
  }
  return [...new Set(services)];
}

function readFiles(body: Json): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const [path, value] of entries(body, "files")) {
    const field = `files[${JSON.stringify(path)}]`;
    const content = text({ [field]: value }, field) ?? "";
    const isBinary = content.startsWith("base64:");
    const bytes = isBinary ? decodeBase64(content.slice("base64:".length)) : Buffer.from(content);
    if (bytes === undefined) throw composeInvalid(field, "is not padded standard base64 after base64:");
    files.set(path, bytes);
  }
  return files;
}

function readVariables(body: Json): Map<string, string> {
  const variables = new Map<string, string>();
  for (const [name, value] of entries(body, "envVars")) {
    if (!VARIABLE_NAME.test(name)) {
      throw composeInvalid("envVars", `names ${JSON.stringify(name)}, which is not a variable's name`);
    }
    refuseForbiddenVariable(name);
    const field = `envVars.${name}`;
    const plain = typeof value === "number" || typeof value === "boolean" ? String(value) : value;
    const content = text({ [field]: plain }, field) ?? "";
    if (Buffer.byteLength(content) + name.length + 1 > MAX_VARIABLE_BYTES) {
      throw composeInvalid(field, `is over ${MAX_VARIABLE_BYTES} bytes, more than the system takes in a variable`);
    }
    variables.set(name, content);
  }
  return variables;
}

function readRegistries(body: Json): RegistryLogin[] {
  return list(body, "registries").map((value, index) => {
    const field = `registries[${index}]`;
    if (!isObject(value)) throw composeInvalid(field, "must be an object with url, username and password");
    const [url = "", username = "", password = ""] = ["url", "username", "password"].map((name) => {
      return text({ [`${field}.${name}`]: value[name] }, `${field}.${name}`);
    });
    return { url, username, password };
  });
}

function readFilesToDelete(body: Json): { path: string; sha256: string }[] {
  return list(body, "filesToDelete").map((value, index) => {
    const field = `filesToDelete[${index}]`;
    if (!isObject(value)) throw composeInvalid(field, "must be an object with path and sha256");
    const { path, sha256 } = value;
    if (typeof path !== "string" || path === "") throw composeInvalid(`${field}.path`, "must be a path");
    if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/i.test(sha256)) {
      throw composeInvalid(`${field}.sha256`, "must be 64 hexadecimal digits");
    }
    return { path, sha256: sha256.toLowerCase() };
  });
}

function readPullPolicy(body: Json, operation: ComposeOperation): ComposeRequest["pullPolicy"] {
  const value = text(body, "pullPolicy") ?? "";
  if (value === "") return undefined;
  const policy = Object.hasOwn(PULL_POLICIES, value) ? PULL_POLICIES[value] : undefined;
  if (policy === undefined || (operation === "pull" && policy === "never")) {
    throw composeInvalid("pullPolicy", `is ${JSON.stringify(value)}; allowed are always, missing and, for up, never`);
  }
  return policy;
}
