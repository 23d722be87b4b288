import type { DemandList } from "./docker-demand.ts";
import { readCapabilities, readSysctls } from "./host-config-demands.ts";
import { fieldNames, type JsonFields } from "./json-fields.ts";
import { readMounts } from "./mount-demands.ts";

const SPEC = fieldNames("Name Labels TaskTemplate Mode UpdateConfig RollbackConfig Networks EndpointSpec");
const TASK = fieldNames(
  "PluginSpec ContainerSpec NetworkAttachmentSpec Resources RestartPolicy Placement ForceUpdate Runtime Networks LogDriver",
);
const CONTAINER = fieldNames(`
  Image Labels Command Args Hostname Env Dir User Groups Privileges TTY OpenStdin ReadOnly Mounts StopSignal StopGracePeriod Healthcheck
  Hosts DNSConfig Secrets OomScoreAdj Configs Isolation Init Sysctls CapabilityAdd CapabilityDrop Ulimits`);
const PRIVILEGES = fieldNames("CredentialSpec SELinuxContext Seccomp AppArmor NoNewPrivileges");

/** Reads the specification of a swarm service. @returns images that it uses */
export function readService(spec: JsonFields, demands: DemandList): string[] {
  readUnknown(spec, SPEC, demands);
  const task = spec.object("TaskTemplate");
  readUnknown(task, TASK, demands);
  if (task.get("PluginSpec") !== undefined || !/^(container)?$/.test(task.text("Runtime"))) {
    demands.add("privileged", "an engine plugin", task.path);
  }
  const attached = task.object("NetworkAttachmentSpec").text("ContainerID");
  if (attached !== "") demands.add("container", attached, task.at("NetworkAttachmentSpec"));
  for (const network of [...spec.objects("Networks"), ...task.objects("Networks")]) {
    // Engines take ids, and the beginning of one, for names: all of them could be the network `host`. No id has other characters.
    if (/^[0-9a-z]{1,64}$/.test(network.text("Target"))) demands.add("namespace", "network", network.at("Target"));
  }
  const log = task.object("LogDriver").text("Name");
  if (!/^(json-file|local|none|journald)?$/.test(log))
    demands.add("security", `log driver ${log}`, task.at("LogDriver"));
  const container = task.object("ContainerSpec");
  readUnknown(container, CONTAINER, demands);
  const images = readMounts(container, demands);
  readCapabilities(container, "CapabilityAdd", demands);
  readSysctls(container, demands);
  readPrivileges(container.object("Privileges"), demands);
  if (![undefined, 0].includes(container.get("OomScoreAdj") as number | undefined)) {
    demands.add("security", "OOM score", container.at("OomScoreAdj"));
  }
  if (!/^(default)?$/.test(container.text("Isolation"))) {
    demands.add("security", `isolation ${container.text("Isolation")}`, container.at("Isolation"));
  }
  const image = container.text("Image");
  return image === "" ? images : [image, ...images];
}

function readPrivileges(fields: JsonFields, demands: DemandList): void {
  readUnknown(fields, PRIVILEGES, demands);
  for (const name of ["CredentialSpec", "SELinuxContext"]) {
    if (fields.get(name) !== undefined) demands.add("security", name, fields.at(name));
  }
  for (const name of ["Seccomp", "AppArmor"]) {
    if (!/^(default)?$/.test(fields.object(name).text("Mode"))) demands.add("security", name, fields.at(name));
  }
}

function readUnknown(fields: JsonFields, known: ReadonlySet<string>, demands: DemandList): void {
  for (const name of fields.unknown(known)) demands.add("unknown", `field ${name}`, fields.at(name));
}
