import type { RoleBinding } from "@fairlead/protocol/rest";

/** A role and where it is to hold, as a form has it. */
export interface BindingDraft {
  readonly key: number;
  readonly role: string;
  readonly type: RoleBinding["scope"]["type"];
  readonly label: string;
  readonly environmentId: string | null;
}

let nextKey = 1;

export function newDraft(): BindingDraft {
  return { key: nextKey++, role: "viewer", type: "all", label: "", environmentId: null };
}

export function draftOf({ role, scope }: RoleBinding): BindingDraft {
  return {
    ...newDraft(),
    role,
    type: scope.type,
    label: scope.type === "label" ? `${scope.name}=${scope.value}` : "",
    environmentId: scope.type === "environment" ? String(scope.environmentId) : null,
  };
}

/** What is still missing of a draft; undefined when it is whole. */
export function draftProblem({ type, label, environmentId }: BindingDraft): string | undefined {
  if (type === "label" && !/^[^=]+=/.test(label)) return "A label is NAME=VALUE.";
  if (type === "environment" && environmentId === null) return "Choose an environment.";
  return undefined;
}

/** Of drafts without a problem. */
export function bindingOf({ role, type, label, environmentId }: BindingDraft): RoleBinding {
  if (type === "all") return { role, scope: { type } };
  if (type === "environment") return { role, scope: { type, environmentId: Number(environmentId) } };
  const at = label.indexOf("=");
  return { role, scope: { type, name: label.slice(0, at), value: label.slice(at + 1) } };
}
