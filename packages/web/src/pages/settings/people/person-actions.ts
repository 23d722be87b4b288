import type { Person } from "@fairlead/protocol/rest";
import { hub } from "../../../hub/client.ts";
import { confirm } from "../../../ui/confirm.tsx";
import { notifyDone, notifyFailed } from "../../../ui/notify.tsx";
import type { ShownLink } from "./shown-link.ts";

export interface PersonAction {
  readonly label: string;
  readonly color?: string;
  /** Whether it makes sense for this person. */
  readonly fits: (person: Person) => boolean;
  /** Never rejects: failures are told. */
  readonly run: (person: Person, onLink: (link: ShownLink) => void) => Promise<void>;
}

interface Asked {
  readonly body: (name: string) => string;
  readonly action: string;
}

function action(
  label: string,
  outcome: (name: string) => string,
  task: (person: Person) => Promise<unknown>,
  more: { asked?: Asked; fits?: (person: Person) => boolean; color?: string } = {},
): PersonAction {
  return {
    label,
    ...(more.color === undefined ? {} : { color: more.color }),
    fits: more.fits ?? (() => true),
    async run(person) {
      const { name } = person;
      if (
        more.asked &&
        !(await confirm({ title: `${label}: ${name}`, body: more.asked.body(name), action: more.asked.action }))
      )
        return;
      await task(person).then(
        () => notifyDone(outcome(name)),
        (error: unknown) => notifyFailed(`${label} (${name})`, error),
      );
    },
  };
}

const passwordLink: PersonAction = {
  label: "Link for a new password",
  fits: ({ disabled }) => !disabled,
  async run(person, onLink) {
    await hub.createPasswordLink(person.id).then(
      ({ url }) => onLink({ url, forWhom: person.name }),
      (error: unknown) => notifyFailed(`A link for a new password of ${person.name}`, error),
    );
  },
};

/** What can be done to a person, besides roles. */
export const PERSON_ACTIONS: readonly PersonAction[] = [
  passwordLink,
  action(
    "Sign out everywhere",
    (name) => `${name} was signed out everywhere.`,
    ({ id }) => hub.signPersonOut(id),
  ),
  action(
    "Reset second factors",
    (name) => `${name} has no authenticator app, recovery codes and passkeys any more.`,
    ({ id }) => hub.resetSecondFactors(id),
    {
      asked: {
        body: (name) =>
          `The authenticator app, the recovery codes and the passkeys of ${name} are taken away. The password alone lets in then.`,
        action: "Reset the second factors",
      },
    },
  ),
  action(
    "Disable",
    (name) => `${name} was signed out and may not sign in.`,
    ({ id }) => hub.updatePerson(id, { disabled: true }),
    {
      fits: ({ disabled }) => !disabled,
      asked: {
        body: (name) =>
          `${name} is signed out everywhere at once and cannot sign in until enabled again. Their tokens do nothing meanwhile.`,
        action: "Disable",
      },
    },
  ),
  action(
    "Enable",
    (name) => `${name} may sign in again.`,
    ({ id }) => hub.updatePerson(id, { disabled: false }),
    {
      fits: ({ disabled }) => disabled,
    },
  ),
  action(
    "Remove",
    (name) => `${name} was removed.`,
    ({ id }) => hub.removePerson(id),
    {
      color: "red",
      asked: {
        body: (name) =>
          `${name} is signed out and forgotten, with their roles, passkeys and API tokens. The audit log keeps what they did.`,
        action: "Remove the person",
      },
    },
  ),
];
