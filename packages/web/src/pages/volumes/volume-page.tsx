import { SimpleGrid } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { IconTrash } from "@tabler/icons-react";
import { useNavigate, useParams } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { dockerJson } from "../../docker/call.ts";
import { isAnonymous, type Volume } from "../../docker/volumes.ts";
import { useActionAllowed } from "../../hub/access.ts";
import { ActionButton } from "../../ui/action-button.tsx";
import { Age } from "../../ui/age.tsx";
import { Properties } from "../../ui/properties.tsx";
import { DetailPage, Section } from "../resources/detail-page.tsx";
import { useHostUsages } from "../resources/host-usages.ts";
import { KeyValues } from "../resources/key-values.tsx";
import { type Removal, RemoveDialog } from "../resources/remove-dialog.tsx";
import { volumeUsers } from "../resources/usage.ts";
import { UsedByList } from "../resources/used-by.tsx";
import { VOLUME_REMOVAL, volumeRemoval } from "./volume-rows.ts";

export function VolumePage(): ReactNode {
  const { env = "", volume: name = "" } = useParams({ strict: false }) as { env?: string; volume?: string };
  const navigate = useNavigate();
  const [removals, setRemovals] = useState<readonly Removal[]>();
  const usages = useHostUsages();
  return (
    <>
      <DetailPage<Volume>
        env={env}
        noun="volume"
        id={name}
        permission="volume.view"
        list={{ to: "/volumes", label: "Volumes" }}
        read={({ id }, signal) => dockerJson<Volume>(id, `/volumes/${encodeURIComponent(name)}`, { signal })}
        title={({ Name }) => Name}
        inspect={(volume) => volume}
        actions={(_, environment) => (
          <Remove
            environment={environment}
            onRemove={() => {
              const usage = usages.get(environment.id);
              setRemovals([volumeRemoval(environment, name, usage ? volumeUsers(usage, name) : [])]);
            }}
          />
        )}
        tabs={(environment) => [
          {
            id: "overview",
            label: "Overview",
            content: (volume) => <Overview volume={volume} environment={environment} />,
          },
        ]}
      />
      <RemoveDialog
        {...VOLUME_REMOVAL}
        removals={removals}
        onClose={() => setRemovals(undefined)}
        onRemoved={() => void navigate({ to: "/volumes" })}
      />
    </>
  );
}

function Remove({
  environment,
  onRemove,
}: {
  readonly environment: Environment;
  readonly onRemove: () => void;
}): ReactNode {
  return (
    <ActionButton
      size="xs"
      variant="default"
      allowance={useActionAllowed("volume.remove", environment)}
      leftSection={<IconTrash size={15} aria-hidden />}
      onAct={onRemove}
    >
      Remove
    </ActionButton>
  );
}

function Overview({ volume, environment }: { readonly volume: Volume; readonly environment: Environment }): ReactNode {
  const usage = useHostUsages().get(environment.id);
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
      <Section title="Volume">
        <Properties
          items={[
            ["Driver", volume.Driver],
            ["Kind", isAnonymous(volume) ? "anonymous: made for a container that did not name it" : "named"],
            ["Scope", volume.Scope],
            ["Created", <Age key="created" at={volume.CreatedAt} fallback="not known" />],
            [
              "Mountpoint",
              <span key="mountpoint" className="mono">
                {volume.Mountpoint}
              </span>,
            ],
          ]}
        />
      </Section>
      <Section title="Used by">
        <UsedByList
          environmentName={environment.name}
          users={usage && volumeUsers(usage, volume.Name)}
          what="this volume"
        />
      </Section>
      <Section title="Driver options">
        <KeyValues values={volume.Options} none="None." />
      </Section>
      <Section title="Labels">
        <KeyValues values={volume.Labels} none="The volume has no labels." />
      </Section>
    </SimpleGrid>
  );
}
