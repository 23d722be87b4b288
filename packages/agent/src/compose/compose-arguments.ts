import { type ComposeOperation, type ComposeRequest, composeInvalid } from "./compose-request.ts";

/**
 * Options of `docker compose` that a request may add, by operation: those that neither name files nor attach, watch or run something else.
 * With `value`: `--name VALUE` or `--name=VALUE`, the value matching.
 */
const OPTIONS: Readonly<Record<ComposeOperation, Readonly<Record<string, "flag" | RegExp>>>> = {
  up: {
    "--remove-orphans": "flag",
    "--no-deps": "flag",
    "--no-recreate": "flag",
    "--always-recreate-deps": "flag",
    "--renew-anon-volumes": "flag",
    "-V": "flag",
    "--no-build": "flag",
    "--build": "flag",
    "--force-recreate": "flag",
    "--no-start": "flag",
    "--quiet-pull": "flag",
    "--wait": "flag",
    "--wait-timeout": /^\d{1,6}$/,
    "--timeout": /^\d{1,6}$/,
    "-t": /^\d{1,6}$/,
    "--scale": /^[a-zA-Z0-9][a-zA-Z0-9._-]*=\d{1,4}$/,
    "--pull": /^(always|missing|never)$/,
    "-d": "flag",
    "--detach": "flag",
  },
  down: {
    "--remove-orphans": "flag",
    "--volumes": "flag",
    "-v": "flag",
    "--rmi": /^(local|all)$/,
    "--timeout": /^\d{1,6}$/,
    "-t": /^\d{1,6}$/,
  },
  pull: {
    "--ignore-pull-failures": "flag",
    "--ignore-buildable": "flag",
    "--include-deps": "flag",
    "--quiet": "flag",
    "-q": "flag",
    "--policy": /^(always|missing)$/,
  },
  ps: {
    "--all": "flag",
    "-a": "flag",
    "--orphans": "flag",
    "--services": "flag",
    "--quiet": "flag",
    "-q": "flag",
    "--no-trunc": "flag",
    "--status": /^[a-z]+$/,
    "--filter": /^[a-z]+=[a-z]+$/,
    "--format": /^(json|table)$/,
  },
  logs: {
    "--timestamps": "flag",
    "-t": "flag",
    "--no-log-prefix": "flag",
    "--no-color": "flag",
    "--tail": /^(all|\d{1,9})$/,
    "-n": /^(all|\d{1,9})$/,
    "--since": /^[0-9A-Za-z:.+-]{1,64}$/,
    "--until": /^[0-9A-Za-z:.+-]{1,64}$/,
    "--index": /^\d{1,6}$/,
  },
  restart: { "--no-deps": "flag", "--timeout": /^\d{1,6}$/, "-t": /^\d{1,6}$/ },
  stop: { "--timeout": /^\d{1,6}$/, "-t": /^\d{1,6}$/ },
  start: {},
};

/**
 * The commands of compose that do what a request asks, one after the other, without program and global options.
 *
 * - `up` runs detached; `noBuildCache` builds first (`up` itself cannot), which makes two commands;
 * - `ps` lists all containers, stopped ones included, a JSON object a line, unless `options` ask for another form;
 * - `logs` does not follow.
 *
 * @throws FairleadError `compose_invalid` naming an option that is not allowed
 */
export function composeCommands(request: ComposeRequest): string[][] {
  const { operation, services } = request;
  const options = checkOptions(operation, request.options);
  const own: string[] = [];
  const add = (wanted: boolean, ...option: string[]): void => {
    const [name = ""] = option;
    if (wanted && !options.some((given) => given === name || given.startsWith(`${name}=`))) own.push(...option);
  };
  if (operation === "up") {
    add(!options.includes("-d"), "--detach");
    add(request.build && !request.noBuildCache, "--build");
    add(request.forceRecreate, "--force-recreate");
    add(request.pullPolicy !== undefined, "--pull", request.pullPolicy ?? "");
  }
  add(operation === "down" && request.removeVolumes && !options.includes("-v"), "--volumes");
  add(operation === "pull" && request.pullPolicy !== undefined, "--policy", request.pullPolicy ?? "");
  add(operation === "logs", "--no-color");
  if (operation === "ps") {
    add(!options.includes("-a"), "--all");
    add(!options.some((option) => /^(-q|--quiet|--services)$/.test(option)), "--format", "json");
  }
  const command = [operation, ...own, ...options, ...services];
  return operation === "up" && request.noBuildCache ? [["build", "--no-cache", ...services], command] : [command];
}

function checkOptions(operation: ComposeOperation, options: readonly string[]): string[] {
  const allowed = OPTIONS[operation];
  const checked: string[] = [];
  for (let at = 0; at < options.length; at += 1) {
    const option = options[at] ?? "";
    const [, name = "", joined] = /^(--?[A-Za-z-]+)(?:=(.*))?$/s.exec(option) ?? [];
    const kind = Object.hasOwn(allowed, name) ? allowed[name] : undefined;
    if (kind === undefined || (kind === "flag" && joined !== undefined)) throw refusedOption(operation, option);
    checked.push(option);
    if (kind === "flag") continue;
    const value = joined ?? options[(at += 1)] ?? "";
    if (!kind.test(value)) throw refusedOption(operation, `${name} ${value}`);
    if (joined === undefined) checked.push(value);
  }
  return checked;
}

function refusedOption(operation: ComposeOperation, option: string): Error {
  const names = Object.keys(OPTIONS[operation]);
  const allowed = names.length === 0 ? "it takes none" : `it takes ${names.join(", ")}`;
  return composeInvalid(
    "options",
    `has ${JSON.stringify(option.slice(0, 100))}, which ${operation} does not take: ${allowed}`,
  );
}
