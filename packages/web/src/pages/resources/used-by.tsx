import { Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { toneOfState, type UsingContainer } from "../../docker/using-container.ts";
import { count, shortId } from "../../ui/format.ts";
import { StateMark } from "../../ui/state-mark.tsx";

/** A link to a container's page. */
export function ContainerLink({
  environmentName,
  container,
}: {
  readonly environmentName: string;
  readonly container: Pick<UsingContainer, "id" | "name">;
}): ReactNode {
  return (
    <Link
      to="/environments/$env/containers/$container"
      params={{ env: environmentName, container: shortId(container.id) }}
      className="fl-link"
    >
      {container.name}
    </Link>
  );
}

/** In a table: how many containers use it; the names as its title. Undefined: not known. */
export function UsedByCount({ users }: { readonly users: readonly UsingContainer[] | undefined }): ReactNode {
  if (users === undefined) {
    return (
      <Text span c="dimmed" fz="inherit" title="The containers of this host are not known.">
        ?
      </Text>
    );
  }
  if (users.length === 0) {
    return (
      <Text span c="dimmed" fz="inherit">
        unused
      </Text>
    );
  }
  return <span title={users.map(({ name }) => name).join(", ")}>{count(users.length, "container")}</span>;
}

/** On a page of its own: who uses it, with links and states. */
export function UsedByList({
  environmentName,
  users,
  what,
}: {
  readonly environmentName: string;
  readonly users: readonly UsingContainer[] | undefined;
  /** "this image". */
  readonly what: string;
}): ReactNode {
  if (users === undefined)
    return (
      <Text c="dimmed" fz="sm">
        The containers of {environmentName} are not known.
      </Text>
    );
  if (users.length === 0)
    return (
      <Text c="dimmed" fz="sm">
        No container uses {what}.
      </Text>
    );
  return (
    <ul className="fl-plain-list">
      {users.map((user) => (
        <li key={user.id}>
          <ContainerLink environmentName={environmentName} container={user} />
          <StateMark tone={toneOfState(user.state)}>{user.state}</StateMark>
        </li>
      ))}
    </ul>
  );
}
