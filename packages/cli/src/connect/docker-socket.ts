import type { FairleadClient } from "@fairlead/api-client";
import { DockerCarrier } from "./docker-carrier.ts";
import { dialHub, type HubWait } from "./hub-dialer.ts";
import { listenLocally, type LocalSocket } from "./local-socket.ts";

/** Serves an environment's Docker Engine API on a local unix socket. @throws the errors of `listenLocally`. */
export function serveDockerSocket(
  hub: { client: FairleadClient; token: string },
  environmentId: number,
  path: string,
): Promise<LocalSocket> {
  const endpoint = hub.client.dockerUrl(environmentId);
  const target = {
    dial: (wait: HubWait) => dialHub(endpoint, wait),
    pathPrefix: endpoint.pathname,
    host: endpoint.host,
    authorization: `Bearer ${hub.token}`,
  };
  return listenLocally(path, (connection) => void new DockerCarrier(connection, target));
}
