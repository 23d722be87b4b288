import type { ContainerInspect } from "../../../docker/container-inspect.ts";

/** Why a container cannot be replaced by another in its place; undefined when it can. */
export function recreateRefusal({
  Config,
  HostConfig,
}: Pick<ContainerInspect, "Config" | "HostConfig">): string | undefined {
  if (HostConfig.AutoRemove === true)
    return "It removes itself when it stops (--rm): there would be nothing to go back to. Create a new one instead.";
  if (Config.Labels?.["com.docker.swarm.task.id"] !== undefined)
    return "It belongs to a swarm service, which would replace it again. Update the service.";
  return undefined;
}

/** What somebody should know before a container is replaced, although it can be. */
export function recreateNotes({
  Config,
  HostConfig,
}: Pick<ContainerInspect, "Config" | "HostConfig">): readonly string[] {
  const notes: string[] = [];
  const project = Config.Labels?.["com.docker.compose.project"];
  if (project !== undefined)
    notes.push(
      `It belongs to the compose project ${project}. Its compose file does not change: the next "docker compose up" may put back what the file says.`,
    );
  if ((HostConfig.VolumesFrom ?? []).length > 0)
    notes.push(
      `It has the volumes of other containers (${HostConfig.VolumesFrom?.join(", ")}), which must still be there.`,
    );
  return notes;
}
