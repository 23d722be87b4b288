import { containerAction } from "../../../docker/container-actions.ts";
import {
  connectNetwork,
  createContainer,
  pullImage,
  removeContainer,
  renameContainer,
} from "../../../docker/container-calls.ts";
import type { RecreateEngine } from "./recreate.ts";

/** A host's engine, as recreating asks it. @param onWarnings told what the engine warns of when it creates. */
export function recreateEngine(
  environmentId: number,
  onWarnings: (warnings: readonly string[]) => void,
): RecreateEngine {
  const act = (name: "start" | "stop" | "pause") => async (id: string) => {
    await containerAction(name).run(environmentId, id);
  };
  return {
    pull: (image) => pullImage(environmentId, image),
    create: async (name, body) => {
      const { id, warnings } = await createContainer(environmentId, name, body);
      onWarnings(warnings);
      return id;
    },
    start: act("start"),
    stop: act("stop"),
    pause: act("pause"),
    rename: (id, name) => renameContainer(environmentId, id, name),
    connect: (network, id, endpoint) => connectNetwork(environmentId, network, id, endpoint),
    remove: (id) => removeContainer(environmentId, id, true),
  };
}
