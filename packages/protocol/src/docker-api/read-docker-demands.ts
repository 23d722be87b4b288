import { FairleadError } from "../errors.ts";
import type { DockerCallClass } from "./classify-docker-call.ts";
import { DemandList, type DockerDemand } from "./docker-demand.ts";
import type { DockerEndpointRow } from "./docker-endpoints.ts";
import { readDockerQuery } from "./docker-query.ts";
import { HOST_CONFIG_FIELDS, readHostConfig, readLinks } from "./host-config-demands.ts";
import { fieldNames, JsonFields, parseStrictJson } from "./json-fields.ts";
import { readAnonymousVolume, readVolumeDriver } from "./mount-demands.ts";
import { readService } from "./service-demands.ts";

/** What a call demands, read from its query and body. */
export interface DockerReading {
  readonly demands: readonly DockerDemand[];
  /** Images that are run, mounted or pulled, as the call names them. */
  readonly images: readonly string[];
  /** Of an exec or a new container: the user to run as; empty for the image's or container's own. */
  readonly user: string;
  /** Of a container that is made, or renamed; empty: the engine makes one up. */
  readonly name: string;
  /** Labels of a container that is made. */
  readonly labels: Readonly<Record<string, string>>;
  /** What to send in place of the body: the same values, so that the engine sees nothing that was not looked at. */
  readonly body: Uint8Array;
}

type Reader = (call: Reading) => void;

/** One call being read. */
interface Reading {
  readonly body: JsonFields;
  readonly query: ReadonlyMap<string, readonly string[]>;
  readonly demands: DemandList;
  readonly images: string[];
  user: string;
  name: string;
  labels: Readonly<Record<string, string>>;
}

/** Largest body that is read for its demands: a container with hundreds of variables and mounts has some 100 kB. */
export const MAX_DEMANDS_BODY_BYTES = 1024 * 1024;

const CONFIG = fieldNames(`
  Hostname Domainname User AttachStdin AttachStdout AttachStderr ExposedPorts Tty OpenStdin StdinOnce Env Cmd Healthcheck ArgsEscaped Image
  Volumes WorkingDir Entrypoint NetworkDisabled MacAddress OnBuild Labels StopSignal StopTimeout Shell`);
/** `Name` is Podman's; clients that send all they were given send the parameter `platform`, too. */
const CREATE = fieldNames("HostConfig NetworkingConfig Cpuset Name Platform");
const NETWORKING = fieldNames("EndpointsConfig");
const ENDPOINT = fieldNames(`
  IPAMConfig Links MacAddress Aliases DriverOpts GwPriority NetworkID EndpointID Gateway IPAddress IPPrefixLen IPv6Gateway
  GlobalIPv6Address GlobalIPv6PrefixLen DNSNames`);
const EXEC = fieldNames(
  "AttachStdin AttachStdout AttachStderr ConsoleSize DetachKeys Tty Env Cmd Privileged User WorkingDir Detach Container",
);
const VOLUME = fieldNames("Name Driver DriverOpts Labels");
const NETWORK = fieldNames(
  "Name Driver Scope Internal Attachable Ingress ConfigOnly ConfigFrom IPAM EnableIPv4 EnableIPv6 Options Labels CheckDuplicate",
);
const HARMLESS_NETWORK_OPTION =
  /^com\.docker\.network\.(driver\.mtu|container_iface_prefix|bridge\.(enable_icc|enable_ip_masquerade|default_bridge|host_binding_ipv4|gateway_mode_ipv[46])|enable_ipv[46])$/;
/** Drivers whose networks are the host's own, or none. */
const OWN_NETWORK_DRIVERS = new Set(["", "default", "bridge", "overlay", "none", "null"]);

/** Parameters of the classic builder that get a build no more of the host than a container has. */
const BUILD_PARAMETERS = new Set(
  `t extrahosts remote q nocache cachefrom pull rm forcerm memory memswap cpushares cpusetcpus cpusetmems cpuperiod cpuquota
   buildargs shmsize squash labels platform target version session buildid ulimits compress`.split(/\s+/),
);

/** Endpoints whose body says what is demanded. */
const BODY_READERS: Readonly<Record<string, Reader>> = {
  "POST /containers/create": readCreate,
  "POST /containers/{id}/update": ({ body, demands }) => {
    readUnknown(body, [HOST_CONFIG_FIELDS], demands);
    readHostConfig(body, demands);
  },
  // Up to version 1.23 it was a HostConfig. Later engines take none.
  "POST /containers/{id}/start": ({ body, query, demands }) => {
    readUnknown(body, [], demands);
    readHostPath(query, "checkpoint-dir", demands);
  },
  "POST /containers/{id}/exec": (reading) => {
    const { body, demands } = reading;
    readUnknown(body, [EXEC], demands);
    if (body.flag("Privileged")) demands.add("privileged", "privileged", "Privileged");
    readEnv(body, demands);
    reading.user = body.text("User");
  },
  "POST /containers/{id}/checkpoints": ({ body, demands }) => {
    readUnknown(body, [fieldNames("CheckpointID CheckpointDir Exit")], demands);
    const folder = body.text("CheckpointDir");
    if (folder !== "") demands.addBind(folder, "CheckpointDir", false);
  },
  "POST /volumes/create": ({ body, demands }) => {
    readUnknown(body, [VOLUME], demands);
    readVolumeDriver(body, "Driver", "DriverOpts", demands);
  },
  "PUT /volumes/{name}": ({ body, demands }) => readUnknown(body, [], demands),
  "POST /networks/create": readNetwork,
  "POST /networks/{id}/connect": ({ body, demands }) => {
    demands.add("container", body.text("Container"), "Container");
    readUnknown(body, [fieldNames("Container EndpointConfig")], demands);
    readEndpoint(body.object("EndpointConfig"), demands);
  },
  "POST /networks/{id}/disconnect": ({ body, demands }) => {
    demands.add("container", body.text("Container"), "Container");
    readUnknown(body, [fieldNames("Container Force")], demands);
  },
  "POST /services/create": ({ body, demands, images }) => void images.push(...readService(body, demands)),
  "POST /services/{id}/update": ({ body, demands, images }) => void images.push(...readService(body, demands)),
};

/** Endpoints of which the query, or the call itself, says it. */
const QUERY_READERS: Readonly<Record<string, Reader>> = {
  "POST /build": readBuild,
  "POST /grpc": ({ demands }) => {
    demands.add("namespace", "network", "/grpc, over which BuildKit can ask for it unseen");
  },
  "POST /images/create": ({ query, images }) => {
    const [name = ""] = query.get("fromImage") ?? [];
    const [tag = ""] = query.get("tag") ?? [];
    if (name !== "") images.push(tag === "" ? name : `${name}${tag.includes(":") ? "@" : ":"}${tag}`);
  },
  "POST /containers/{id}/rename": (reading) => {
    reading.name = nameIn(reading);
  },
  "POST /commit": ({ query, demands }) => {
    for (const id of query.get("container") ?? []) demands.add("container", id, "?container");
  },
  "GET /containers/{id}/checkpoints": ({ query, demands }) => readHostPath(query, "dir", demands),
  "DELETE /containers/{id}/checkpoints/{checkpoint}": ({ query, demands }) => readHostPath(query, "dir", demands),
  // Whoever manages the swarm runs what they like on its hosts; its tokens and its nodes' roles make managers.
  "GET /swarm": ({ demands }) => demands.add("privileged", "the swarm's join tokens", "/swarm"),
  "POST /swarm/init": ({ demands }) => demands.add("privileged", "a swarm's keys", "/swarm/init"),
  "POST /nodes/{id}/update": ({ demands }) => demands.add("privileged", "a node's role", "/nodes/{id}/update"),
  "POST /swarm/join": ({ demands }) => demands.add("privileged", "another swarm's managers", "/swarm/join"),
  "POST /swarm/update": ({ demands }) => demands.add("privileged", "another swarm's keys", "/swarm/update"),
  ...Object.fromEntries(
    ["create", "pull", "{name}/enable", "{name}/set", "{name}/upgrade"].map((verb) => [
      `POST /plugins/${verb}`,
      ({ demands }: Reading) => demands.add("privileged", "an engine plugin", `/plugins/${verb}`),
    ]),
  ),
};

/** True when {@link readDockerDemands} needs the call's body. Of other calls the body need not be waited for. */
export function hasDemandsInBody({ method, path }: DockerEndpointRow): boolean {
  return Object.hasOwn(BODY_READERS, `${method} ${path}`);
}

/**
 * Reads what a call demands of the host. What it cannot read it refuses, and what it does not know is a demand of its own: nothing is
 * silently harmless.
 *
 * Sound only for a call that `classifyDockerCall` knows, whose content type is no form's (`isFormContentType`), of version 1.24 or newer, and
 * whose body is then replaced by the returned one.
 *
 * @param body the whole body, where {@link hasDemandsInBody} asks for it; else nothing
 * @throws FairleadError `bad_request` naming what cannot be checked
 */
export function readDockerDemands(call: DockerCallClass, target: string, body: Uint8Array): DockerReading {
  const row = `${call.endpoint.method} ${call.endpoint.path}`;
  const inBody = Object.hasOwn(BODY_READERS, row) ? BODY_READERS[row] : undefined;
  const reader = inBody ?? (Object.hasOwn(QUERY_READERS, row) ? QUERY_READERS[row] : undefined);
  const json = inBody === undefined || body.length === 0 ? undefined : parseStrictJson(body);
  const reading: Reading = {
    body: new JsonFields(json?.value),
    query: reader === undefined ? new Map() : singleValued(readDockerQuery(target)),
    demands: new DemandList(),
    images: [],
    user: "",
    name: "",
    labels: {},
  };
  reader?.(reading);
  const { demands, images, user, name, labels } = reading;
  return { demands: demands.all, images, user, name, labels, body: json?.bytes ?? body };
}

/** Parameters that are checked must be there once: engines take the first, what is before them may take the last. */
function singleValued(query: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, readonly string[]> {
  const CHECKED = ["networkmode", "cgroupparent", "fromImage", "tag", "container", "name", "dir", "checkpoint-dir"];
  for (const name of CHECKED) {
    if ((query.get(name)?.length ?? 0) > 1) {
      throw new FairleadError("bad_request", `the query cannot be checked: ${name} is there more than once`);
    }
  }
  return query;
}

function readCreate(reading: Reading): void {
  const { body, demands, images } = reading;
  readUnknown(body, [CONFIG, CREATE, HOST_CONFIG_FIELDS], demands);
  const image = body.text("Image");
  if (image !== "") images.push(image);
  reading.user = body.text("User");
  reading.name = nameIn(reading);
  reading.labels = body.map("Labels");
  readEnv(body, demands);
  for (const [path] of body.children("Volumes")) readAnonymousVolume(path, body.at("Volumes"), demands);
  const host = body.object("HostConfig");
  readUnknown(host, [HOST_CONFIG_FIELDS], demands);
  images.push(...readHostConfig(host, demands));
  // Engines up to 27 take the fields of a HostConfig outside of it, too, where there is none.
  images.push(...readHostConfig(body, demands));
  const networking = body.object("NetworkingConfig");
  readUnknown(networking, [NETWORKING], demands);
  for (const [name, endpoint] of networking.children("EndpointsConfig")) {
    if (name === "host") demands.add("namespace", "network", endpoint.path);
    readEndpoint(endpoint, demands);
  }
}

/** Docker takes the name from the query, Podman from the body where the query has none. */
function nameIn({ query, body }: Reading): string {
  const [inQuery = ""] = query.get("name") ?? [];
  const inBody = body.text("Name");
  if (inQuery !== "" && inBody !== "" && inQuery !== inBody) {
    throw new FairleadError("bad_request", "the name in the query and the one in the body differ");
  }
  return (inQuery === "" ? inBody : inQuery).replace(/^\//, "");
}

/** Podman takes a variable without a value, and all that `NAME*` matches, from its own environment. */
function readEnv(fields: JsonFields, demands: DemandList): void {
  for (const [index, variable] of fields.texts("Env").entries()) {
    if (!variable.includes("=")) demands.add("unknown", "variable without =", `${fields.at("Env")}[${index}]`);
  }
}

function readEndpoint(fields: JsonFields, demands: DemandList): void {
  readUnknown(fields, [ENDPOINT], demands);
  readLinks(fields, demands);
  for (const option of Object.keys(fields.map("DriverOpts"))) {
    demands.add("security", `network option ${option}`, fields.at("DriverOpts"));
  }
}

function readNetwork({ body, demands }: Reading): void {
  readUnknown(body, [NETWORK], demands);
  const driver = body.text("Driver");
  if (!OWN_NETWORK_DRIVERS.has(driver)) demands.add("namespace", "network", `Driver ${JSON.stringify(driver)}`);
  for (const option of Object.keys(body.map("Options"))) {
    // `parent` and `bridge.name` put containers on an interface of the host.
    if (!HARMLESS_NETWORK_OPTION.test(option)) demands.add("namespace", "network", `Options.${option}`);
  }
}

function readBuild({ query, demands }: Reading): void {
  for (const [name, values] of query) {
    for (const value of values) {
      if (BUILD_PARAMETERS.has(name) || value === "") continue;
      const field = `?${name}`;
      if (name === "dockerfile") readDockerfile(value, field, demands);
      else if (name === "networkmode") readBuildNetwork(value, demands);
      else if (name === "cgroupparent" || name === "securityopt" || name === "isolation") {
        if (value !== "default") demands.add("security", `${name} ${value.slice(0, 100)}`, field);
      } else if (name !== "outputs" || !value.startsWith("[")) demands.add("unknown", `parameter ${name}`, field);
    }
  }
}

/** Podman looks for it outside of the build's context, too, and takes a list written as JSON. */
function readDockerfile(value: string, field: string, demands: DemandList): void {
  const isBelowContext = !/^[/\\\s[]/.test(value) && !value.split(/[/\\]/).includes("..");
  if (!isBelowContext && !/^https?:\/\//.test(value))
    demands.add("unknown", `Dockerfile ${value.slice(0, 100)}`, field);
}

function readBuildNetwork(mode: string, demands: DemandList): void {
  if (mode.startsWith("container:")) demands.add("container", mode.slice("container:".length), "?networkmode");
  else if (mode === "host" || !/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(mode))
    demands.add("namespace", "network", "?networkmode");
}

function readHostPath(query: Reading["query"], name: string, demands: DemandList): void {
  for (const path of query.get(name) ?? []) if (path !== "") demands.addBind(path, `?${name}`, false);
}

/** Fields that this version does not know, whatever their value: what an empty one means it does not know either. */
function readUnknown(fields: JsonFields, known: readonly ReadonlySet<string>[], demands: DemandList): void {
  for (const name of fields.unknown(...known)) demands.add("unknown", `field ${name}`, fields.at(name));
}
