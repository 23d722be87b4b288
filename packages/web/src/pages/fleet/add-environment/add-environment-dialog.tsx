import { Modal } from "@mantine/core";
import type { CreatedEnvironment } from "@fairlead/protocol/rest";
import { type ReactNode, useState } from "react";
import { useSearchText } from "../../../app/search-text.ts";
import { useAllowed } from "../../../hub/access.ts";
import { AddEnvironmentForm } from "./add-environment-form.tsx";
import { AddedEnvironment } from "./added-environment.tsx";
import { isKind } from "./kinds.ts";

/** Adds an environment and waits until its host is there. `?add=edge` opens it. */
export function AddEnvironmentDialog(): ReactNode {
  const [kind, setKind] = useSearchText("add");
  const [created, setCreated] = useState<CreatedEnvironment>();
  const allowance = useAllowed("environment.create");
  const isOpen = kind !== "" && allowance.allowed;
  const close = (): void => {
    setKind("");
    setCreated(undefined);
  };
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      title={created ? `${created.environment.name} is added` : "Add an environment"}
      size="xl"
      centered={false}
      // What is shown once must not go with a slip of the hand.
      closeOnClickOutside={false}
      closeOnEscape={created === undefined}
    >
      {isOpen &&
        (created ? (
          <AddedEnvironment created={created} onClose={close} />
        ) : (
          <AddEnvironmentForm
            kind={isKind(kind) ? kind : "edge"}
            onKind={setKind}
            onCreated={setCreated}
            onClose={close}
          />
        ))}
    </Modal>
  );
}
