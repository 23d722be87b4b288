import type { Command } from "commander";
import { announceLocalHub } from "../settings/local-hub.ts";
import { webFolder } from "@fairlead/web";
import { command } from "./hub-command.ts";

interface Flags {
  listen?: string;
  data?: string;
  tlsCert?: string;
  tlsKey?: string;
}

/** `fairlead hub` */
export function hub(): Command {
  return command("hub", "the hub: what agents dial and people use", [
    "hub",
    "hub --listen 0.0.0.0:8375 --data /var/lib/fairlead --tls-cert cert.pem --tls-key key.pem",
  ])
    .option("--listen <host:port>", "where to listen (default: FAIRLEAD_LISTEN, or 0.0.0.0:8375)")
    .option("--data <dir>", "data folder (default: FAIRLEAD_HUB_DATA_DIR, or $XDG_DATA_HOME/fairlead)")
    .option("--tls-cert <path>", "PEM file of the certificate")
    .option("--tls-key <path>", "PEM file of its key")
    .action(async (flags: Flags) => {
      const { loadHubConfig, startHub } = await import("@fairlead/hub");
      const config = loadHubConfig(process.env, flags);
      const running = await startHub({ ...config, webFolder });
      await announceLocalHub(config.dataDir, running.url);
      await interrupted();
      await running.stop();
    });
}

/** A second signal ends the process at once: somebody is in a hurry. */
export function interrupted(): Promise<NodeJS.Signals> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
  let count = 0;
  const stop = (signal: NodeJS.Signals): void => {
    count += 1;
    if (count > 1) process.exit(signal === "SIGINT" ? 130 : 143);
    resolve(signal);
  };
  process.on("SIGINT", stop).on("SIGTERM", stop).on("SIGHUP", stop);
  return promise;
}
