import type { Environment } from "@fairlead/protocol/rest";
import { imageName, type ImageSummary, removeImage, tagsOf } from "../../docker/images.ts";
import { isAlive, type UsingContainer } from "../../docker/using-container.ts";
import { shortId } from "../../ui/format.ts";
import type { Removal } from "../resources/remove-dialog.tsx";
import { listed } from "../resources/prune-preview.ts";

export const IMAGE_REMOVAL = {
  noun: "image",
  warning:
    "The images and all their names go from these hosts. What was pulled can be pulled again; what was built or loaded here cannot.",
  force: {
    label: "Also images that stopped containers were made of",
    description:
      "The engine then takes them by force. The containers stay as they are and can be started again on this host, but not be made anew without the image. Images of running containers stay in any case.",
  },
};

/** The removal of an image, with who holds it. */
export function imageRemoval(
  environment: Environment,
  image: Pick<ImageSummary, "Id" | "RepoTags" | "RepoDigests">,
  users: readonly UsingContainer[],
): Removal {
  const tags = tagsOf(image);
  const alive = users.filter(isAlive);
  const name = imageName(image);
  return {
    key: `${environment.id}/${image.Id}`,
    name: name === "<none>" ? `<none> ${shortId(image.Id)}` : name,
    environment,
    ...(tags.length > 1 ? { detail: `Also named ${tags.slice(1).join(", ")}` } : {}),
    blocked(force) {
      if (alive.length > 0) return `${listed(alive.map((user) => user.name))} run from it. Stop and remove them first.`;
      if (users.length > 0 && !force)
        return `stopped containers were made of it: ${listed(users.map((user) => user.name))}.`;
      return undefined;
    },
    run: (force) => removeImage(environment.id, image, force && users.length > 0),
  };
}
