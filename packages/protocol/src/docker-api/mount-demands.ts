import type { DemandList } from "./docker-demand.ts";
import { fieldNames, type JsonFields } from "./json-fields.ts";

/** What Docker takes as the name of a volume: one letter alone is a drive. Any other source is a path, or something unknown. */
const VOLUME_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** Of binds, as Docker documents them. Podman has more: overlays with folders of their own, owners that are changed. */
const BIND_MODES = new Set(
  "ro rw z Z nocopy consistent cached delegated private rprivate shared rshared slave rslave".split(" "),
);

const MOUNT = fieldNames("Type Source Target ReadOnly Consistency BindOptions VolumeOptions ImageOptions TmpfsOptions");
const BIND_OPTIONS = fieldNames(
  "Propagation NonRecursive CreateMountpoint ReadOnlyNonRecursive ReadOnlyForceRecursive",
);
const VOLUME_OPTIONS = fieldNames("NoCopy Labels DriverConfig Subpath");
const DRIVER_CONFIG = fieldNames("Name Options");

/** `HostConfig.Binds`: `/host:/container[:options]`, `volume:/container[:options]`, `/container`. */
export function readBinds(fields: JsonFields, demands: DemandList): void {
  for (const [index, bind] of fields.texts("Binds").entries()) {
    const field = `${fields.at("Binds")}[${index}]`;
    const parts = bind.split(":");
    const [source = ""] = parts;
    if (parts.length === 1) {
      readAnonymousVolume(bind, field, demands);
      continue;
    }
    // A path of Windows, or a mistake.
    if (parts.length > 3 || (bind.includes("\\") && !source.startsWith("/"))) {
      demands.addBind(bind, field, false);
      continue;
    }
    const options = parts[2]?.split(",") ?? [];
    for (const option of options) {
      if (!BIND_MODES.has(option)) demands.add("unknown", `bind option ${option.slice(0, 100)}`, field);
    }
    if (!VOLUME_NAME.test(source)) demands.addBind(source, field, isReadOnly(options));
  }
}

/** Engines apply options in their order, so that a later `rw` takes an `ro` back. */
function isReadOnly(options: readonly string[]): boolean {
  return options.includes("ro") && !options.includes("rw");
}

/** A volume without name, by its path in the container. Podman reads it as it reads binds: `/host:/container`. */
export function readAnonymousVolume(path: string, field: string, demands: DemandList): void {
  if (!/^\/[^:,\r\n]*$/.test(path)) demands.add("unknown", `volume ${path.slice(0, 100)}`, field);
}

/** `Mounts` of a container or a service. @returns images that are mounted */
export function readMounts(fields: JsonFields, demands: DemandList): string[] {
  const images: string[] = [];
  for (const mount of fields.objects("Mounts")) {
    const type = mount.text("Type");
    const source = mount.text("Source");
    for (const name of mount.unknown(MOUNT)) demands.add("unknown", `mount option ${name}`, mount.at(name));
    readMountTexts(mount, demands);
    if (type === "bind" || type === "npipe") {
      const options = mount.object("BindOptions");
      const isWholeReadOnly = mount.flag("ReadOnly") && !options.flag("ReadOnlyNonRecursive");
      demands.addBind(source, mount.at("Source"), isWholeReadOnly);
      readUnknown(options, BIND_OPTIONS, demands);
    } else if (type === "volume") {
      readVolume(mount, demands);
    } else if (type === "image") {
      images.push(source);
    } else if (type !== "tmpfs") {
      demands.add("unknown", `mount of type ${JSON.stringify(type)}`, mount.at("Type"));
    }
  }
  return images;
}

/** Podman writes them into one line of `name=value,…` and reads that as CSV. */
function readMountTexts(mount: JsonFields, demands: DemandList): void {
  const texts: [fields: JsonFields, name: string][] = [
    [mount, "Source"],
    [mount, "Target"],
    [mount, "Consistency"],
    [mount.object("BindOptions"), "Propagation"],
    [mount.object("VolumeOptions"), "Subpath"],
    [mount.object("ImageOptions"), "Subpath"],
  ];
  for (const [fields, name] of texts) {
    if (/[,"\r\n]/.test(fields.text(name))) demands.add("unknown", "separator of options", fields.at(name));
  }
}

function readVolume(mount: JsonFields, demands: DemandList): void {
  const source = mount.text("Source");
  if (source !== "" && !VOLUME_NAME.test(source)) demands.addBind(source, mount.at("Source"), mount.flag("ReadOnly"));
  const options = mount.object("VolumeOptions");
  readUnknown(options, VOLUME_OPTIONS, demands);
  const driver = options.object("DriverConfig");
  readUnknown(driver, DRIVER_CONFIG, demands);
  readVolumeDriver(driver, "Name", "Options", demands);
}

/** Options of the local driver that say how, not what. */
const HARMLESS_OPTION =
  /^((size|nr_inodes|nr_blocks|uid|gid|mode)=\w+%?|ro|rw|(no)?(exec|suid|dev|atime|diratime)|relatime)$/;
const BIND_OPTION = /^r?(bind|private)$/;

/**
 * A volume's driver with its options. The local one mounts whatever it is told, with the rights of the host: a `tmpfs` is harmless, a plain
 * bind mount is its path, and everything else (network shares, disks, overlays) stands for itself.
 */
export function readVolumeDriver(
  fields: JsonFields,
  driverField: string,
  optionsField: string,
  demands: DemandList,
): void {
  const driver = fields.text(driverField);
  if (driver !== "" && driver !== "local") {
    demands.add("security", `volume driver ${driver}`, fields.at(driverField));
    return;
  }
  const { size: _size, ...mount } = fields.map(optionsField);
  if (Object.keys(mount).length === 0) return;
  const { type = "", o = "", device = "", ...others } = mount;
  const options = o === "" ? [] : o.split(",");
  const isKnown = Object.keys(others).length === 0;
  if (isKnown && type === "tmpfs" && options.every((option) => HARMLESS_OPTION.test(option))) return;
  const isBind =
    isKnown &&
    options.some((option) => /^r?bind$/.test(option)) &&
    options.every((option) => BIND_OPTION.test(option) || HARMLESS_OPTION.test(option)) &&
    device.startsWith("/");
  const what = isBind ? device : `mount of type=${type} device=${device} o=${o}`;
  // The kernel makes only the top of an `rbind` read-only.
  demands.addBind(what, fields.at(optionsField), isReadOnly(options) && !options.includes("rbind"));
}

function readUnknown(fields: JsonFields, known: ReadonlySet<string>, demands: DemandList): void {
  for (const name of fields.unknown(known)) demands.add("unknown", `option ${name}`, fields.at(name));
}
