import type { AuditActor } from "@fairlead/protocol/rest";

/** A person in the audit log, where no session says who it is. */
export function personActor({ id, email }: { readonly id: string; readonly email: string }): AuditActor {
  return { kind: "person", id, name: email, personId: id };
}
