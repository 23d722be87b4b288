import type { Environment } from "@fairlead/protocol/rest";
import { IconDeviceFloppy, IconTag, IconTrash } from "@tabler/icons-react";
import { useNavigate, useParams } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { dockerJson } from "../../docker/call.ts";
import { type ImageInspect, imageName, imagePath, type ImageStep, tagsOf } from "../../docker/images.ts";
import { actionAllowance } from "../../hub/access.ts";
import { useMe } from "../../hub/session.ts";
import { ActionButton } from "../../ui/action-button.tsx";
import { DetailPage } from "../resources/detail-page.tsx";
import { useHostUsages } from "../resources/host-usages.ts";
import { type Removal, RemoveDialog } from "../resources/remove-dialog.tsx";
import { imageUsers } from "../resources/usage.ts";
import { IMAGE_REMOVAL, imageRemoval } from "./image-removal.ts";
import { ImageOverview } from "./image-overview.tsx";
import { ImageSteps } from "./image-steps.tsx";
import { SaveDialog, type Saving } from "./save-dialog.tsx";
import { TagDialog, type Tagging } from "./tag-dialog.tsx";

interface ImageDetails {
  readonly image: ImageInspect;
  readonly steps: readonly ImageStep[];
}

export function ImagePage(): ReactNode {
  const { env = "", image: id = "" } = useParams({ strict: false }) as { env?: string; image?: string };
  const navigate = useNavigate();
  const [removals, setRemovals] = useState<readonly Removal[]>();
  const [tagging, setTagging] = useState<Tagging>();
  const [saving, setSaving] = useState<Saving>();
  const [refresh, setRefresh] = useState<() => Promise<void>>();
  const usages = useHostUsages();
  return (
    <>
      <DetailPage<ImageDetails>
        env={env}
        noun="image"
        id={id}
        permission="image.view"
        list={{ to: "/images", label: "Images" }}
        read={async (environment, signal) => {
          const [image, steps] = await Promise.all([
            dockerJson<ImageInspect>(environment.id, `${imagePath(id)}/json`, { signal }),
            dockerJson<ImageStep[]>(environment.id, `${imagePath(id)}/history`, { signal }),
          ]);
          return { image, steps };
        }}
        title={({ image }) => imageName(image)}
        inspect={({ image }) => image}
        actions={({ image }, environment, again) => (
          <Actions
            environment={environment}
            onTag={() => {
              setRefresh(() => again);
              setTagging({ environment, id: image.Id, name: imageName(image) });
            }}
            onSave={() => {
              const tags = tagsOf(image);
              const names = tags.length > 0 ? tags : [image.Id];
              setSaving({ environment, name: imageName(image), names, bytes: image.Size });
            }}
            onRemove={() => {
              const usage = usages.get(environment.id);
              const users = usage && imageUsers(usage, [image]).get(image.Id);
              setRemovals([imageRemoval(environment, image, users ?? [])]);
            }}
          />
        )}
        tabs={(environment) => [
          {
            id: "overview",
            label: "Overview",
            content: ({ image }) => <ImageOverview image={image} environment={environment} />,
          },
          { id: "layers", label: "Layers", content: ({ steps }) => <ImageSteps steps={steps} /> },
        ]}
      />
      <TagDialog tagging={tagging} onClose={() => setTagging(undefined)} onTagged={() => void refresh?.()} />
      <SaveDialog saving={saving} onClose={() => setSaving(undefined)} />
      <RemoveDialog
        {...IMAGE_REMOVAL}
        removals={removals}
        onClose={() => setRemovals(undefined)}
        onRemoved={() => void navigate({ to: "/images" })}
      />
    </>
  );
}

function Actions(props: {
  readonly environment: Environment;
  readonly onTag: () => void;
  readonly onSave: () => void;
  readonly onRemove: () => void;
}): ReactNode {
  const me = useMe();
  const may = (permission: "image.tag" | "image.save" | "image.remove") =>
    actionAllowance(me, permission, props.environment);
  const size = 15;
  return (
    <>
      <ActionButton
        size="xs"
        variant="default"
        allowance={may("image.tag")}
        leftSection={<IconTag size={size} aria-hidden />}
        onAct={props.onTag}
      >
        Tag
      </ActionButton>
      <ActionButton
        size="xs"
        variant="default"
        allowance={may("image.save")}
        leftSection={<IconDeviceFloppy size={size} aria-hidden />}
        onAct={props.onSave}
      >
        Save
      </ActionButton>
      <ActionButton
        size="xs"
        variant="default"
        allowance={may("image.remove")}
        leftSection={<IconTrash size={size} aria-hidden />}
        onAct={props.onRemove}
      >
        Remove
      </ActionButton>
    </>
  );
}
