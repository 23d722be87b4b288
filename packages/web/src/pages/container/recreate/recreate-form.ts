import { splitCommand } from "@fairlead/protocol";
import type { PortBinding } from "../../../docker/container-inspect.ts";
import { shellWords } from "../shell-words.ts";
import type { CreateBody, EndpointRequest } from "./create-body.ts";

/** The common parts of a create body as texts, a thing a line. */
export interface RecreateForm {
  readonly image: string;
  /** As in a shell; empty: the image's. */
  readonly command: string;
  readonly env: string;
  readonly labels: string;
  readonly ports: string;
  readonly binds: string;
  readonly restart: string;
  readonly networks: string;
}

export type FormErrors = Partial<Readonly<Record<keyof RecreateForm, string>>>;

export function formOf(body: CreateBody): RecreateForm {
  return {
    image: body.Image,
    command: shellWords(body.Cmd ?? []),
    env: lines(body.Env ?? []),
    labels: lines(Object.entries(body.Labels ?? {}).map(([name, value]) => `${name}=${value}`)),
    ports: lines(portLines(body)),
    binds: lines(body.HostConfig.Binds ?? []),
    restart: restartText(body),
    networks: lines(Object.keys(body.NetworkingConfig?.EndpointsConfig ?? {})),
  };
}

/** The body with what the form has changed; what it did not touch stays as it is, to the letter. */
export function applyForm(
  body: CreateBody,
  form: RecreateForm,
): { readonly body: CreateBody; readonly errors: FormErrors } {
  const before = formOf(body);
  const errors: Partial<Record<keyof RecreateForm, string>> = {};
  const next: Record<string, unknown> = { ...body };
  const host: Record<string, unknown> = { ...body.HostConfig };
  const change = (field: keyof RecreateForm, apply: (text: string) => void): void => {
    if (form[field] === before[field]) return;
    try {
      apply(form[field]);
    } catch (error) {
      errors[field] = error instanceof Error ? error.message : String(error);
    }
  };
  change("image", (text) => {
    if (text.trim() === "") throw new Error("A container needs an image, such as nginx:1.27.");
    next["Image"] = text.trim();
  });
  change("command", (text) => set(next, "Cmd", words(text)));
  change("env", (text) =>
    set(
      next,
      "Env",
      linesOf(text).map((line) => checked(line, /^[^=\s]+(=|$)/, "NAME=value")),
    ),
  );
  change("labels", (text) => set(next, "Labels", Object.fromEntries(linesOf(text).map(parseLabel))));
  change("ports", (text) => {
    const { bindings, exposed } = parsePorts(linesOf(text), body);
    set(host, "PortBindings", bindings);
    set(next, "ExposedPorts", exposed);
  });
  change("binds", (text) =>
    set(
      host,
      "Binds",
      linesOf(text).map((line) =>
        checked(
          line,
          /^[^:]+:\/[^:]*(:[\w,]+)?$/,
          "/folder/of/host:/in/container or volume:/in/container, with :ro for reading only",
        ),
      ),
    ),
  );
  change("restart", (text) => {
    const [, name = "", retries = "0"] = /^(no|always|unless-stopped|on-failure)(?::(\d+))?$/.exec(text) ?? [];
    if (name === "") throw new Error("One of no, always, unless-stopped, on-failure, or on-failure:3.");
    host["RestartPolicy"] = { Name: name, MaximumRetryCount: Number(retries) };
  });
  change("networks", (text) => applyNetworks(linesOf(text), body, next, host));
  return { body: { ...(next as unknown as CreateBody), HostConfig: host }, errors };
}

function applyNetworks(
  names: readonly string[],
  body: CreateBody,
  next: Record<string, unknown>,
  host: Record<string, unknown>,
): void {
  const mode = body.HostConfig.NetworkMode ?? "default";
  if (names.length === 0) throw new Error("Name at least one network; a container without any has the network none.");
  const known: Readonly<Record<string, EndpointRequest>> = body.NetworkingConfig?.EndpointsConfig ?? {};
  const isKept = names.includes(mode === "default" ? "bridge" : mode);
  const first = names[0] ?? "";
  if (!isKept) host["NetworkMode"] = first;
  if (names.length === 1 && (first === "host" || first === "none")) {
    delete next["NetworkingConfig"];
    return;
  }
  if (names.some((name) => name === "host" || name === "none")) throw new Error("host and none stand alone.");
  next["NetworkingConfig"] = { EndpointsConfig: Object.fromEntries(names.map((name) => [name, known[name] ?? {}])) };
}

function restartText(body: CreateBody): string {
  const { Name = "", MaximumRetryCount = 0 } = body.HostConfig.RestartPolicy ?? {};
  return `${Name || "no"}${Name === "on-failure" && MaximumRetryCount > 0 ? `:${MaximumRetryCount}` : ""}`;
}

function portLines(body: CreateBody): string[] {
  return Object.entries(body.HostConfig.PortBindings ?? {}).flatMap(([port, bindings]) =>
    (bindings ?? []).map(({ HostIp = "", HostPort = "" }) => {
      const ip = HostIp.includes(":") ? `[${HostIp}]` : HostIp;
      return `${ip === "" ? "" : `${ip}:`}${HostPort}:${port}`;
    }),
  );
}

const PORT = /^(?:(?:\[([0-9a-f:.]+)\]|(\d+\.\d+\.\d+\.\d+)):)?(\d*(?:-\d+)?):(\d+)(?:\/(tcp|udp|sctp))?$/i;

function parsePorts(
  texts: readonly string[],
  body: CreateBody,
): {
  readonly bindings: Record<string, PortBinding[]>;
  readonly exposed: Record<string, unknown>;
} {
  const bindings: Record<string, PortBinding[]> = {};
  for (const text of texts) {
    const [, six, four, hostPort = "", port = "", protocol = "tcp"] = PORT.exec(text) ?? [];
    if (port === "")
      throw new Error(`${text} is no port: write 8080:80, 127.0.0.1:8080:80/tcp, or :80 for any free port.`);
    const key = `${port}/${protocol.toLowerCase()}`;
    (bindings[key] ??= []).push({ HostIp: six ?? four ?? "", HostPort: hostPort });
  }
  // A port that was there for its binding alone goes with it.
  const bound = Object.keys(body.HostConfig.PortBindings ?? {});
  const kept = Object.entries(body.ExposedPorts ?? {}).filter(([port]) => !bound.includes(port) || bindings[port]);
  const added = Object.keys(bindings).map((port) => [port, {}] as const);
  return { bindings, exposed: { ...Object.fromEntries(kept), ...Object.fromEntries(added) } };
}

function parseLabel(line: string): [string, string] {
  const at = line.indexOf("=");
  return at === -1 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
}

function checked(line: string, pattern: RegExp, example: string): string {
  if (!pattern.test(line)) throw new Error(`${line} is not understood: write ${example}.`);
  return line;
}

/** Empty: left out, so that the image or the engine decides. */
function set(fields: Record<string, unknown>, name: string, value: object): void {
  if (Object.keys(value).length === 0) delete fields[name];
  else fields[name] = value;
}

/** A value with line breaks in it would be two lines: it is written as JSON has it, and read so. */
function lines(values: readonly string[]): string {
  return values
    .map((value) => (/[\r\n]/.test(value) || value.startsWith('"') ? JSON.stringify(value) : value))
    .join("\n");
}

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => (line.startsWith('"') ? parseQuoted(line) : line.trim()));
}

function parseQuoted(line: string): string {
  try {
    return String(JSON.parse(line));
  } catch {
    throw new Error(`${line} starts with a quote, but is no JSON text.`);
  }
}

/** A text without blanks is one program to the protocol, quotes and all; with a word before it, it is split like any other. */
function words(text: string): string[] {
  return splitCommand(`x ${text}`).slice(1);
}
