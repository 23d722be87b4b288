import { createHash } from "node:crypto";

/** The containers of one simulated host, as its engine would list them and tell of them. */
export class SimulatedContainers {
  readonly #host: number;
  readonly #containers: { readonly id: string; readonly name: string; running: boolean; healthy: boolean }[];
  #turn = 0;

  constructor(host: number, count: number) {
    this.#host = host;
    this.#containers = Array.from({ length: count }, (_, index) => ({
      id: createHash("sha256").update(`${host} ${index}`).digest("hex"),
      name: `${NAMES[index % NAMES.length]}-${index}`,
      running: index % 8 !== 7,
      healthy: true,
    }));
  }

  /** The answer to `/containers/json`. */
  list(): string {
    return JSON.stringify(
      this.#containers.map(({ id, name, running, healthy }, index) => ({
        Id: id,
        Names: [`/${name}`],
        Image: `registry.example.com/shop/${NAMES[index % NAMES.length]}:1.${index}`,
        ImageID: `sha256:${id}`,
        Command: "/usr/bin/serve --config /etc/serve.yaml",
        Created: 1_750_000_000 - index * 3_600,
        State: running ? "running" : "exited",
        Status: running ? `Up 3 hours (${healthy ? "healthy" : "unhealthy"})` : "Exited (0) 2 days ago",
        Ports: index % 3 === 0 ? [{ IP: "0.0.0.0", PrivatePort: 80, PublicPort: 8_000 + index, Type: "tcp" }] : [],
        Labels: {
          "com.docker.compose.project": `stack-${(this.#host + index) % 12}`,
          "com.docker.compose.service": name,
          "org.opencontainers.image.source": "https://example.com/shop",
        },
        HostConfig: { NetworkMode: "bridge" },
        NetworkSettings: { Networks: {} },
        Mounts: [],
      })),
    );
  }

  /** The answer to `/containers/{id}/stats`: a container that uses a tenth of a core. */
  stats(): string {
    const now = Date.now();
    return JSON.stringify({
      read: new Date(now).toISOString(),
      pids_stats: { current: 7 },
      cpu_stats: {
        cpu_usage: { total_usage: now * 100_000 },
        system_cpu_usage: now * 4_000_000,
        online_cpus: 4,
      },
      memory_stats: { usage: 150_000_000 + (now % 10_000_000), limit: 8e9, stats: { inactive_file: 20_000_000 } },
    });
  }

  /** What happens next: health that comes and goes, containers that die and are started. */
  nextEvent(): object {
    this.#turn += 1;
    const container = this.#containers[(this.#turn * 7) % this.#containers.length];
    if (!container) throw new Error("a host without containers has no events");
    let action = "start";
    if (!container.running) container.running = true;
    else if (this.#turn % 3 === 0) {
      container.running = false;
      action = "die";
    } else {
      container.healthy = !container.healthy;
      action = `health_status: ${container.healthy ? "healthy" : "unhealthy"}`;
    }
    return {
      containerId: container.id,
      containerName: container.name,
      image: "registry.example.com/shop",
      action,
      actorAttributes: action === "die" ? { exitCode: "0" } : {},
      timestamp: new Date().toISOString(),
    };
  }
}

const NAMES = ["web", "db", "cache", "worker", "queue", "mail", "search", "proxy"];
