import type {
  ContainerConfig,
  ContainerInspect,
  Endpoint,
  HostConfig,
  ImageConfig,
  MountPoint,
  MountRequest,
} from "../../../docker/container-inspect.ts";

/** The body of `POST /containers/create`. What it does not name, the image or the engine decides. */
export interface CreateBody extends ContainerConfig {
  readonly HostConfig: HostConfig;
  readonly NetworkingConfig?: { readonly EndpointsConfig: Readonly<Record<string, EndpointRequest>> };
}

/** How a container is connected to a network, as far as it was asked for. */
export interface EndpointRequest {
  readonly IPAMConfig?: Readonly<Record<string, unknown>>;
  readonly Aliases?: readonly string[];
  readonly Links?: readonly string[];
  readonly DriverOpts?: Readonly<Record<string, string>>;
}

/** The image's own, which a container must not be given again: it would keep them when its image brings others. */
const OF_IMAGE = ["User", "WorkingDir", "Healthcheck", "StopSignal", "Shell"] as const;
/** In a container's configuration these say what was, not what is asked for. */
const NEVER = ["OnBuild", "ArgsEscaped"];

/** Where 0, false or an empty list is not the same as nothing. */
const MEANT = new Set(["MemorySwappiness", "Init", "MaskedPaths", "ReadonlyPaths"]);
/** Written by the client or the engine, for themselves. */
const NOT_ASKED_FOR = new Set(["ContainerIDFile", "ConsoleSize", "Isolation", "KernelMemory", "KernelMemoryTCP"]);

/**
 * What to ask the engine for to get the same container again. What comes from the image (as it was made from; undefined: it is not there
 * any more) is left to the image, so that another one can bring its own. Anonymous volumes are named, so that their data comes along.
 */
export function createBody(container: ContainerInspect, image: ImageConfig | undefined): CreateBody {
  const { Config: config, HostConfig: host } = container;
  const own: Record<string, unknown> = { ...config };
  for (const name of NEVER) delete own[name];
  const brought = image?.Config ?? {};
  for (const name of OF_IMAGE) if (isEqual(config[name], brought[name])) delete own[name];
  own["Env"] = (config.Env ?? []).filter((line) => !(brought.Env ?? []).includes(line));
  own["Labels"] = without(config.Labels, brought.Labels);
  own["ExposedPorts"] = without(config.ExposedPorts, brought.ExposedPorts);
  // The image's and those without a name; both are in the mounts by their names.
  delete own["Volumes"];
  Object.assign(own, commandOf(config, brought));
  if (!ownsHostName(container)) delete own["Hostname"];
  const networking = endpointsOf(container);
  return {
    ...(dropEmpty(own, new Set(["Image"])) as ContainerConfig),
    Image: config.Image,
    HostConfig: hostConfigOf(host, container.Mounts ?? []),
    ...(networking ? { NetworkingConfig: { EndpointsConfig: networking } } : {}),
  };
}

/**
 * The engine takes entry point and command of the image where none is asked for; but with an entry point of one's own, the image's
 * command does not count.
 */
function commandOf(config: ContainerConfig, image: Partial<ContainerConfig>): Record<string, unknown> {
  const sameEntry = isEqual(config.Entrypoint ?? [], image.Entrypoint ?? []);
  const sameCommand = isEqual(config.Cmd ?? [], image.Cmd ?? []);
  if (sameEntry && sameCommand) return { Entrypoint: undefined, Cmd: undefined };
  // Without an entry point though the image has one: it was taken away, for which the API has a word of its own.
  if (!sameEntry) return { Entrypoint: config.Entrypoint?.length ? config.Entrypoint : [""], Cmd: config.Cmd };
  if (config.Cmd?.length) return { Entrypoint: undefined, Cmd: config.Cmd };
  return { Entrypoint: config.Entrypoint, Cmd: undefined };
}

/** The engine names a container after its id; one in another's network has that one's name. */
function ownsHostName({
  Id,
  Config: { Hostname = "" },
  HostConfig: { NetworkMode = "", UTSMode = "" },
}: ContainerInspect): boolean {
  return Hostname !== "" && !Id.startsWith(Hostname) && !isForeignNetwork(NetworkMode) && UTSMode !== "host";
}

/** Networks of others, or none: there is nothing to connect. */
function isForeignNetwork(mode: string): boolean {
  return mode === "host" || mode === "none" || mode.startsWith("container:");
}

function hostConfigOf(host: HostConfig, mounts: readonly MountPoint[]): HostConfig {
  const own: Record<string, unknown> = Object.fromEntries(
    Object.entries(host).filter(([name]) => !NOT_ASKED_FOR.has(name)),
  );
  own["Links"] = (host.Links ?? []).map(asAskedLink);
  own["Mounts"] = (host.Mounts ?? []).map((mount) => withName(mount, mounts));
  own["Binds"] = [...(host.Binds ?? []), ...anonymousVolumes(host, mounts)];
  return dropEmpty(own, MEANT);
}

/** `/db:/web/database` is what `db:database` of the container web became. */
function asAskedLink(link: string): string {
  const [target = "", alias = ""] = link.split(":");
  return `${target.replace(/^\//, "")}:${alias.slice(alias.lastIndexOf("/") + 1)}`;
}

/** A volume without a name got one. */
function withName(request: MountRequest, mounts: readonly MountPoint[]): MountRequest {
  if (request.Type !== "volume" || request.Source) return request;
  const name = mounts.find(({ Destination }) => Destination === cleanPath(request.Target ?? ""))?.Name;
  return name === undefined ? request : { ...request, Source: name };
}

/** Volumes that nobody named, as binds that name them. */
function anonymousVolumes(host: HostConfig, mounts: readonly MountPoint[]): string[] {
  const asked = new Set([
    ...(host.Binds ?? []).map(bindTarget),
    ...(host.Mounts ?? []).map(({ Target = "" }) => cleanPath(Target)),
    ...Object.keys(host.Tmpfs ?? {}).map(cleanPath),
  ]);
  return mounts
    .filter(({ Type, Name, Destination }) => Type === "volume" && Name && !asked.has(Destination))
    .map(({ Name, Destination, RW }) => `${Name}:${Destination}${RW ? "" : ":ro"}`);
}

/** Of `/srv:/data:ro`, `name:/data` and `/data`. */
function bindTarget(bind: string): string {
  const parts = bind.split(":");
  return cleanPath(parts.length === 1 ? (parts[0] ?? "") : (parts[1] ?? ""));
}

function cleanPath(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, "") : path;
}

function endpointsOf(container: ContainerInspect): Record<string, EndpointRequest> | undefined {
  const networks = Object.entries(container.NetworkSettings.Networks ?? {});
  if (networks.length === 0 || isForeignNetwork(container.HostConfig.NetworkMode ?? "")) return undefined;
  return Object.fromEntries(networks.map(([name, endpoint]) => [name, endpointRequest(endpoint, container.Id)]));
}

function endpointRequest({ IPAMConfig, Aliases, Links, DriverOpts }: Endpoint, id: string): EndpointRequest {
  // The engine adds the id's start by itself.
  const aliases = (Aliases ?? []).filter((alias) => !(alias.length === 12 && id.startsWith(alias)));
  return dropEmpty({ IPAMConfig, Aliases: aliases, Links, DriverOpts });
}

/** The create call's networks, and those to be connected after it: engines before API 1.44 take one. */
export function splitNetworks(body: CreateBody): {
  readonly body: CreateBody;
  readonly others: readonly (readonly [network: string, endpoint: EndpointRequest])[];
} {
  const { NetworkingConfig, ...rest } = body;
  const all = Object.entries(NetworkingConfig?.EndpointsConfig ?? {});
  const mode = body.HostConfig.NetworkMode ?? "default";
  const wanted = mode === "default" ? "bridge" : mode;
  const first = all.find(([name]) => name === wanted) ?? all[0];
  if (!first) return { body: rest, others: [] };
  return {
    body: { ...(rest as CreateBody), NetworkingConfig: { EndpointsConfig: { [first[0]]: first[1] } } },
    others: all.filter((entry) => entry !== first),
  };
}

/** Without the entries that another map has just so. */
function without<T>(
  map: Readonly<Record<string, T>> | null | undefined,
  other: Readonly<Record<string, T>> | null | undefined,
): Record<string, T> {
  return Object.fromEntries(
    Object.entries(map ?? {}).filter(([name, value]) => !(other && name in other && isEqual(value, other[name]))),
  );
}

function dropEmpty(
  fields: Readonly<Record<string, unknown>>,
  kept: ReadonlySet<string> = new Set(),
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([name, value]) =>
      kept.has(name) ? value !== null && value !== undefined : !isEmpty(value),
    ),
  );
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === "" || value === 0 || value === false) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a) ?? null) === JSON.stringify(sorted(b) ?? null);
}

function sorted(value: unknown): unknown {
  if (value === null || typeof value !== "object") return value === "" ? null : value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  );
}
