import type { Environment } from "@fairlead/protocol/rest";
import { digestsOf, imageName, type ImageSummary, tagsOf } from "../../docker/images.ts";
import type { UsingContainer } from "../../docker/using-container.ts";
import type { FilterSubject } from "../../filter/filter.ts";
import { shortId } from "../../ui/format.ts";
import type { HostList } from "../resources/host-lists.ts";
import { labelTexts } from "../resources/key-values.tsx";
import { type HostUsage, imageUsers } from "../resources/usage.ts";

/** An image with its host and who uses it. */
export interface ImageRow {
  readonly key: string;
  readonly environment: Environment;
  readonly image: ImageSummary;
  readonly name: string;
  readonly tags: readonly string[];
  /** Without a name. */
  readonly dangling: boolean;
  /** Undefined: the host's containers are not known. */
  readonly users: readonly UsingContainer[] | undefined;
}

export function imageRows(
  hosts: readonly HostList<readonly ImageSummary[]>[],
  usages: ReadonlyMap<number, HostUsage>,
): readonly ImageRow[] {
  return hosts.flatMap(({ environment, data = [] }) => {
    const usage = usages.get(environment.id);
    const users = usage && imageUsers(usage, data);
    return data.map((image) => {
      const tags = tagsOf(image);
      return {
        key: `${environment.id}/${image.Id}`,
        environment,
        image,
        name: imageName(image),
        tags,
        dangling: tags.length === 0,
        users: users && (users.get(image.Id) ?? []),
      };
    });
  });
}

export const IMAGE_FIELDS = ["host", "name", "tag", "label", "used", "dangling", "id"];

export function imageSubject({ environment, image, name, tags, dangling, users }: ImageRow): FilterSubject {
  return {
    text: [name, ...tags, shortId(image.Id), environment.name].join(" "),
    field: (field) => {
      switch (field) {
        case "host":
          return environment.name;
        case "name":
          return tags.length === 0 ? [name] : tags.map((tag) => tag.slice(0, tag.lastIndexOf(":")));
        case "tag":
          return tags.map((tag) => tag.slice(tag.lastIndexOf(":") + 1));
        case "label":
          return labelTexts(image.Labels);
        case "used":
          return users === undefined ? "unknown" : users.length > 0 ? "yes" : "no";
        case "dangling":
          return dangling ? "yes" : "no";
        case "id":
          return [shortId(image.Id), image.Id, ...digestsOf(image)];
        default:
          return undefined;
      }
    },
  };
}
