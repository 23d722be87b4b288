import { basename } from "node:path";
import { DOCKER_ENDPOINTS, MAX_NAME_LENGTH } from "@fairlead/protocol";
import { COMPOSE_OPERATIONS, type ComposeOperation } from "../compose/compose-request.ts";
import { globExpression } from "./glob.ts";
import { type BindRoot, canonicalHostPath } from "./host-path.ts";
import { type ImagePattern, parseImagePattern } from "./image-reference.ts";
import { PolicyFile, type PolicyNode } from "./policy-file-reader.ts";
import type { ContainerPattern, Pattern, PolicyRules } from "./policy-rules.ts";

/** Classes of endpoints: permissions that some endpoint gives. */
const CLASSES: readonly string[] = [...new Set<string>(DOCKER_ENDPOINTS.map(({ permission }) => permission))];

/** Permissions that no endpoint gives: other keys of the file decide on them. */
const DECIDED_ELSEWHERE: Readonly<Record<string, string>> = {
  "container.privileged": "privileged, unconfined, hostNamespaces, capabilities and devices",
  "container.bind": "binds",
  "engine.other": "nothing: endpoints that are not known are always refused",
};

const NAMESPACES = ["network", "pid", "ipc", "uts", "user", "cgroup"] as const;

/** Reads the text of a policy file. @throws FairleadError `config_invalid` naming file, line, key, value and what is allowed */
export function readPolicyRules(path: string, text: string): PolicyRules {
  const keys = new PolicyFile(path, text).root.keys(
    "name",
    "allow",
    "deny",
    "containers",
    "images",
    "binds",
    "privileged",
    "unconfined",
    "hostNamespaces",
    "capabilities",
    "devices",
    "exec",
    "compose",
  );
  return {
    name: readName(keys.name, path),
    allow: readClasses(keys.allow),
    deny: readClasses(keys.deny),
    containers: readContainers(keys.containers),
    images: readImages(keys.images),
    binds: keys.binds?.list("absolute paths").map(readRoot) ?? [],
    allowsPrivileged: isAllowed(keys.privileged),
    allowsUnconfined: isAllowed(keys.unconfined),
    hostNamespaces: keys.hostNamespaces?.list("namespaces").map((node) => node.oneOf(...NAMESPACES)) ?? [],
    capabilities: keys.capabilities?.list("capabilities").map(readCapability) ?? [],
    devices: keys.devices?.list("paths of devices").map(readDevice) ?? [],
    execUsers: keys.exec
      ?.keys("users")
      .users?.list("users")
      .map((node) => node.text("a user")),
    composeOperations: readOperations(keys.compose),
  };
}

function readName(node: PolicyNode | undefined, path: string): string {
  const name = node?.text("a name") ?? basename(path);
  if (name.length <= MAX_NAME_LENGTH && !/\p{Cc}/u.test(name)) return name;
  throw node?.wrong(`must be at most ${MAX_NAME_LENGTH} characters, none of them a control character`);
}

function isAllowed(node: PolicyNode | undefined): boolean {
  return node?.oneOf("allow", "deny") === "allow";
}

function readClasses(node: PolicyNode | undefined): Pattern[] {
  if (node === undefined) return [];
  return node.list("endpoint classes").map((entry) => {
    const text = entry.text("an endpoint class, such as container.view or image.*");
    const elsewhere = Object.hasOwn(DECIDED_ELSEWHERE, text) ? DECIDED_ELSEWHERE[text] : undefined;
    if (elsewhere !== undefined) throw entry.wrong(`${text} is not a class of endpoints; on that decides ${elsewhere}`);
    const expression = globExpression(text, true);
    if (CLASSES.some((name) => expression.test(name))) return { text, expression };
    throw entry.wrong(`is ${JSON.stringify(text)}, which is no endpoint class; those are ${CLASSES.join(", ")}`);
  });
}

function readContainers(node: PolicyNode | undefined): PolicyRules["containers"] {
  if (node === undefined) return undefined;
  const { allow, deny } = node.keys("allow", "deny");
  if (allow === undefined && deny === undefined) throw node.wrong("must have allow or deny");
  return { allow: allow && readContainerPatterns(allow), deny: deny === undefined ? [] : readContainerPatterns(deny) };
}

function readContainerPatterns(node: PolicyNode): ContainerPattern[] {
  return node.list("patterns with name and labels").map((entry) => {
    const { name, labels } = entry.keys("name", "labels");
    if (name === undefined && labels === undefined) throw entry.wrong("must have name or labels");
    const namePattern = name?.text("a pattern for names, such as web-*");
    const labelPatterns = labels?.entries("a map of labels to patterns").map(([label, value]) => {
      return { name: label, text: value.text('a pattern for the label\'s value; "*" for any') };
    });
    const shown = [
      ...(namePattern === undefined ? [] : [`name ${namePattern}`]),
      ...(labelPatterns ?? []).map((label) => `label ${label.name}=${label.text}`),
    ];
    return {
      text: shown.join(" and "),
      name: namePattern === undefined ? undefined : globExpression(namePattern, true),
      labels: (labelPatterns ?? []).map((label) => ({ name: label.name, value: globExpression(label.text, true) })),
    };
  });
}

function readImages(node: PolicyNode | undefined): PolicyRules["images"] {
  if (node === undefined) return undefined;
  const { allow, digest, unchecked } = node.keys("allow", "digest", "unchecked");
  if (allow === undefined) throw node.wrong("must have allow, a list of images");
  const needsDigest = digest?.oneOf("required", "optional") === "required";
  const patterns = allow.list("images").map((entry) => readImage(entry, needsDigest));
  return { allow: patterns, needsDigest, allowsUnchecked: isAllowed(unchecked) };
}

function readImage(node: PolicyNode, needsDigest: boolean): ImagePattern {
  const text = node.text("an image, such as ghcr.io/acme/*");
  const pattern = parseImagePattern(text);
  if (pattern === undefined) {
    throw node.wrong(
      `is ${JSON.stringify(text)}; allowed are REGISTRY/PATH, REGISTRY/PATH:TAG and REGISTRY/PATH@DIGEST, with * in them, ` +
        "such as docker.io/library/nginx or ghcr.io/acme/**",
    );
  }
  if (needsDigest && pattern.hasTag) throw node.wrong("has a tag, which no image has that is named by its digest");
  return pattern;
}

function readRoot(node: PolicyNode): BindRoot {
  const text = node.text("an absolute path");
  const [, path = "", mode] = /^(.*?)(:ro|:rw)?$/s.exec(text) ?? [];
  const canonical = canonicalHostPath(path);
  if (canonical === undefined || /[*:]/.test(path)) {
    throw node.wrong(
      `is ${JSON.stringify(text)}; allowed is an absolute path without .. and *, with :ro behind it or not`,
    );
  }
  return { path: canonical, readOnly: mode === ":ro" };
}

function readCapability(node: PolicyNode): string {
  const text = node.text("a capability");
  const name = text.toUpperCase().replace(/^CAP_/, "");
  if (/^[A-Z][A-Z_]*$/.test(name)) return name;
  throw node.wrong(`is ${JSON.stringify(text)}; allowed are names such as NET_ADMIN, and ALL`);
}

function readDevice(node: PolicyNode): Pattern {
  const text = node.text("a device");
  if (/^\/dev\/[^:]+$|^[a-z0-9.-]+:.+$/.test(text)) return { text, expression: globExpression(text) };
  throw node.wrong(`is ${JSON.stringify(text)}; allowed are paths such as /dev/dri/*, and DRIVER:ID such as gpu:*`);
}

function readOperations(node: PolicyNode | undefined): ComposeOperation[] {
  const { operations } = node?.keys("operations") ?? {};
  return operations?.list("compose operations").map((entry) => entry.oneOf(...COMPOSE_OPERATIONS)) ?? [];
}
