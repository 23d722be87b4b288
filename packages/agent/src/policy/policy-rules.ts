import type { ComposeOperation } from "../compose/compose-request.ts";
import type { BindRoot } from "./host-path.ts";
import type { ImagePattern } from "./image-reference.ts";

/** A pattern with the text it was written as, for messages. */
export interface Pattern {
  readonly text: string;
  readonly expression: RegExp;
}

/** A rule about containers: all of it must match. */
export interface ContainerPattern {
  readonly text: string;
  readonly name: RegExp | undefined;
  readonly labels: readonly { readonly name: string; readonly value: RegExp }[];
}

/** A policy file, checked. What is absent allows nothing, but for `containers`, `images` and `exec`, which then do not narrow. */
export interface PolicyRules {
  readonly name: string;
  readonly allow: readonly Pattern[];
  readonly deny: readonly Pattern[];
  readonly containers:
    | { readonly allow: readonly ContainerPattern[] | undefined; readonly deny: readonly ContainerPattern[] }
    | undefined;
  readonly images:
    | { readonly allow: readonly ImagePattern[]; readonly needsDigest: boolean; readonly allowsUnchecked: boolean }
    | undefined;
  readonly binds: readonly BindRoot[];
  readonly allowsPrivileged: boolean;
  readonly allowsUnconfined: boolean;
  readonly hostNamespaces: readonly string[];
  readonly capabilities: readonly string[];
  readonly devices: readonly Pattern[];
  /** Users of an exec; undefined: any. */
  readonly execUsers: readonly string[] | undefined;
  readonly composeOperations: readonly ComposeOperation[];
}
