import type { DemandList } from "./docker-demand.ts";
import { fieldNames, type JsonFields } from "./json-fields.ts";
import { readBinds, readMounts } from "./mount-demands.ts";

/** Fields of a HostConfig that cannot get a container more of the host than it has: limits, its own network, log and life. */
const HARMLESS = fieldNames(`
  CpuShares Memory BlkioWeight BlkioWeightDevice BlkioDeviceReadBps BlkioDeviceWriteBps BlkioDeviceReadIOps BlkioDeviceWriteIOps
  CpuPeriod CpuQuota CpuRealtimePeriod CpuRealtimeRuntime CpusetCpus CpusetMems MemoryReservation MemorySwap MemorySwappiness
  KernelMemory KernelMemoryTCP NanoCpus Init PidsLimit Ulimits CpuCount CpuPercent IOMaximumIOps IOMaximumBandwidth
  PortBindings PublishAllPorts RestartPolicy AutoRemove ConsoleSize CapDrop Dns DnsOptions DnsSearch ExtraHosts
  GroupAdd ReadonlyRootfs Tmpfs ShmSize`);

/** Fields that are read below. */
const READ = fieldNames(`
  Privileged NetworkMode PidMode IpcMode UTSMode UsernsMode CgroupnsMode Cgroup Binds Mounts VolumesFrom VolumeDriver Devices
  DeviceRequests DeviceCgroupRules CapAdd SecurityOpt MaskedPaths ReadonlyPaths CgroupParent Sysctls Runtime OomScoreAdj OomKillDisable
  Annotations LogConfig StorageOpt Isolation Links ContainerIDFile`);

/** Names of a HostConfig's fields, in lower case; a create body may have them outside of it, too. */
export const HOST_CONFIG_FIELDS: ReadonlySet<string> = new Set([...HARMLESS, ...READ]);

/** Namespaces by the field that chooses them, with the values that mean one of the container's own. */
const NAMESPACES: readonly (readonly [field: string, namespace: string, own: RegExp])[] = [
  // Any other plain name is a network that was made; `ns:/path` is Podman's for any namespace at all.
  ["NetworkMode", "network", /^(?!host$)[a-zA-Z0-9][a-zA-Z0-9_.-]*$/],
  ["PidMode", "pid", /^private$/],
  ["IpcMode", "ipc", /^(none|private|shareable)$/],
  ["UTSMode", "uts", /^private$/],
  ["UsernsMode", "user", /^private$/],
  ["CgroupnsMode", "cgroup", /^private$/],
];

const HARMLESS_SECURITY_OPTION = /^no-new-privileges([:=]true)?$/;
const OWN_RUNTIMES = new Set(["", "runc", "io.containerd.runc.v2"]);
/** Options of those below. Podman has `path`, too, a file of the host. */
const OWN_LOG_OPTIONS = fieldNames(
  "max-size max-file compress tag labels labels-regex env env-regex mode max-buffer-size",
);
/** Drivers that keep logs on this machine. */
const OWN_LOG_DRIVERS = new Set(["", "json-file", "local", "none", "journald"]);

/** Reads a HostConfig. @returns images that are mounted */
export function readHostConfig(fields: JsonFields, demands: DemandList): string[] {
  if (fields.flag("Privileged")) demands.add("privileged", "privileged", fields.at("Privileged"));
  readNamespaces(fields, demands);
  readBinds(fields, demands);
  const images = readMounts(fields, demands);
  for (const [index, from] of fields.texts("VolumesFrom").entries()) {
    demands.add("container", from.split(":")[0] ?? "", `${fields.at("VolumesFrom")}[${index}]`);
  }
  readLinks(fields, demands);
  readDevices(fields, demands);
  readCapabilities(fields, "CapAdd", demands);
  readConfinement(fields, demands);
  // The client's own business with Docker; Podman writes the file on the host.
  const idFile = fields.text("ContainerIDFile");
  if (idFile !== "") demands.add("unknown", `file for the id ${idFile.slice(0, 100)}`, fields.at("ContainerIDFile"));
  return images;
}

/** Links to other containers, whose variables engines put into this one. */
export function readLinks(fields: JsonFields, demands: DemandList): void {
  for (const [index, link] of fields.texts("Links").entries()) {
    const name = (link.split(":")[0] ?? "").replace(/^\//, "");
    demands.add("container", name, `${fields.at("Links")}[${index}]`);
  }
}

/** Capabilities that are added, as the kernel names them but without `CAP_`. */
export function readCapabilities(fields: JsonFields, name: string, demands: DemandList): void {
  for (const [index, capability] of fields.texts(name).entries()) {
    demands.add("capability", capability.toUpperCase().replace(/^CAP_/, ""), `${fields.at(name)}[${index}]`);
  }
}

/** Kernel settings. Engines let only those of a container's own namespaces through. */
export function readSysctls(fields: JsonFields, demands: DemandList): void {
  for (const name of Object.keys(fields.map("Sysctls")))
    demands.add("security", `sysctl ${name}`, fields.at("Sysctls"));
}

function readNamespaces(fields: JsonFields, demands: DemandList): void {
  for (const [name, namespace, own] of NAMESPACES) {
    const mode = fields.text(name);
    if (mode === "" || own.test(mode)) continue;
    if (mode.startsWith("container:")) demands.add("container", mode.slice("container:".length), fields.at(name));
    else demands.add("namespace", namespace, fields.at(name));
  }
  const cgroup = fields.text("Cgroup");
  if (cgroup.startsWith("container:")) demands.add("container", cgroup.slice("container:".length), fields.at("Cgroup"));
  else if (cgroup !== "") demands.add("unknown", `cgroup ${cgroup}`, fields.at("Cgroup"));
}

function readLogConfig(fields: JsonFields, demands: DemandList): void {
  const driver = fields.text("Type");
  if (!OWN_LOG_DRIVERS.has(driver)) demands.add("security", `log driver ${driver}`, fields.at("Type"));
  for (const option of Object.keys(fields.map("Config"))) {
    if (!OWN_LOG_OPTIONS.has(option)) demands.add("unknown", `log option ${option}`, fields.at("Config"));
  }
}

function readDevices(fields: JsonFields, demands: DemandList): void {
  for (const device of fields.objects("Devices")) {
    demands.add("device", device.text("PathOnHost"), device.at("PathOnHost"));
  }
  for (const request of fields.objects("DeviceRequests")) {
    const driver = request.text("Driver");
    const ids = request.texts("DeviceIDs");
    // Without ids it is a number of devices of a kind; -1 is all of them.
    const wanted = ids.length > 0 ? ids : ["*"];
    for (const id of wanted) demands.add("device", `${driver === "" ? "gpu" : driver}:${id}`, request.path);
  }
  for (const [index, rule] of fields.texts("DeviceCgroupRules").entries()) {
    demands.add("device", `cgroup:${rule}`, `${fields.at("DeviceCgroupRules")}[${index}]`);
  }
}

function readConfinement(fields: JsonFields, demands: DemandList): void {
  const security = (what: string, name: string): void => demands.add("security", what, fields.at(name));
  for (const option of fields.texts("SecurityOpt")) {
    if (!HARMLESS_SECURITY_OPTION.test(option)) security(`security option ${option.slice(0, 100)}`, "SecurityOpt");
  }
  // Absent: the engine's own. Any list takes its place.
  for (const name of ["MaskedPaths", "ReadonlyPaths"]) {
    if (fields.get(name) !== undefined) security(`${name} of its own`, name);
  }
  for (const name of ["CgroupParent", "VolumeDriver", "Isolation"]) {
    const value = fields.text(name);
    const isOwn =
      value === "" || (name === "VolumeDriver" && value === "local") || (name === "Isolation" && value === "default");
    if (!isOwn) security(`${name} ${value}`, name);
  }
  readSysctls(fields, demands);
  const runtime = fields.text("Runtime");
  if (!OWN_RUNTIMES.has(runtime)) security(`runtime ${runtime}`, "Runtime");
  if (![undefined, 0].includes(fields.get("OomScoreAdj") as number | undefined)) security("OOM score", "OomScoreAdj");
  if (fields.flag("OomKillDisable")) security("no OOM killer", "OomKillDisable");
  for (const name of Object.keys(fields.map("Annotations"))) security(`annotation ${name}`, "Annotations");
  readLogConfig(fields.object("LogConfig"), demands);
  for (const name of Object.keys(fields.map("StorageOpt"))) {
    if (name !== "size") security(`storage option ${name}`, "StorageOpt");
  }
}
