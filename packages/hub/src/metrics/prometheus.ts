import { collectDefaultMetrics, Counter, type CollectFunction, Gauge, Histogram, Registry } from "prom-client";
import type { AuditLog } from "../audit/service.ts";
import type { CollectorStats } from "../container-metrics/collector.ts";
import type { ContainerMetrics } from "../container-metrics/service.ts";
import type { ChangeFeed } from "../changes/change-feed.ts";
import type { EventService } from "../events/service.ts";
import type { LinkStats } from "../link/link-stats.ts";
import type { Watch } from "../watch/service.ts";
import type { MetricsService } from "./service.ts";

/** Where the figures come from. All are read when Prometheus asks. */
export interface PrometheusSources {
  readonly watch: Pick<Watch, "counts">;
  readonly events: Pick<EventService, "stats">;
  readonly metrics: Pick<MetricsService, "stats">;
  readonly containerMetrics: Pick<ContainerMetrics, "stats">;
  readonly containerMetricsRounds: { readonly stats: CollectorStats };
  readonly audit: Pick<AuditLog, "stats">;
  readonly feed: Pick<ChangeFeed, "stats">;
  readonly readers: { readonly connected: number };
  readonly followers?: { readonly following: number };
  readonly link?: () => LinkStats;
}

export interface Prometheus {
  readonly contentType: string;
  /** The exposition text. */
  text(): Promise<string>;
  /** @param route its pattern, not the path: few different ones. */
  observeRequest(method: string, route: string, status: number, seconds: number): void;
  /** Stops what measures the process. */
  stop(): void;
}

/** From a health check to a slow list of containers; streams that last for hours are in the last one. */
const DURATION_BUCKETS_S = [0.005, 0.02, 0.1, 0.5, 2, 10, 60];

/** The figures of the hub, its process and its HTTP requests, in a registry of their own. */
export function createPrometheus(sources: PrometheusSources): Prometheus {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  addHosts(registry, sources);
  addHistory(registry, sources);
  if (sources.link) addLink(registry, sources.link);
  const requests = new Histogram({
    name: "fairlead_http_request_duration_seconds",
    help: "HTTP requests by route.",
    labelNames: ["method", "route", "status"],
    buckets: DURATION_BUCKETS_S,
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    observeRequest: (method, route, status, seconds) => requests.observe({ method, route, status }, seconds),
    stop: () => registry.clear(),
  };
}

function addHosts(registry: Registry, { watch, readers, followers }: PrometheusSources): void {
  gauge(registry, "fairlead_environments", "Environments by kind and lights.", ["kind", "link", "engine"], function () {
    this.reset();
    for (const { hosts, ...labels } of watch.counts()) this.set(labels, hosts);
  });
  gauge(registry, "fairlead_stream_readers", "Readers of /api/v1/stream.", [], function () {
    this.set(readers.connected);
  });
  if (!followers) return;
  gauge(registry, "fairlead_engines_followed", "Dialled engines whose events come in.", [], function () {
    this.set(followers.following);
  });
}

function addHistory(registry: Registry, all: PrometheusSources): void {
  const { events, metrics, containerMetrics, containerMetricsRounds, audit, feed } = all;
  const sources = {
    fairlead_events: ["Container events since the start, by what became of them.", () => events.stats],
    fairlead_metrics_samples: ["Samples of host metrics since the start, by what became of them.", () => metrics.stats],
    fairlead_container_metrics_samples: [
      "Samples of containers' figures since the start, by what became of them.",
      () => containerMetrics.stats,
    ],
    fairlead_audit_entries: ["Audit entries since the start, by what became of them.", () => audit.stats],
    fairlead_changes: ["Changes for /api/v1/stream since the start, by what became of them.", () => feed.stats],
  } as const;
  for (const [name, [help, stats]] of Object.entries(sources)) {
    counter(registry, `${name}_total`, help, ["outcome"], () => withoutQueued(stats()));
    gauge(registry, `${name}_queued`, `Waiting to be written: ${name}.`, [], function () {
      this.set(stats().queued);
    });
  }
  counter(
    registry,
    "fairlead_container_metrics_rounds_total",
    "Rounds over one host's containers since the start, by what became of them.",
    ["outcome"],
    () => ({ ...containerMetricsRounds.stats }),
  );
}

function withoutQueued(stats: { readonly queued: number }): Record<string, number> {
  return Object.fromEntries(Object.entries(stats).filter(([outcome]) => outcome !== "queued"));
}

function addLink(registry: Registry, stats: () => LinkStats): void {
  gauge(registry, "fairlead_agents_connected", "Agents connected now.", [], function () {
    this.set(stats().connected);
  });
  gauge(registry, "fairlead_streams_open", "Streams open on agents' connections now.", [], function () {
    this.set(stats().openStreams);
  });
  gauge(registry, "fairlead_agents_pending", "Connections that are not admitted yet.", [], function () {
    this.set(stats().pending);
  });
  const single = {
    fairlead_agents_accepted_total: ["Agents admitted.", "accepted"],
    fairlead_link_unknown_types_total: ["Messages of unknown types.", "unknownTypes"],
    fairlead_link_late_messages_total: ["Messages about requests that are not open.", "lateMessages"],
    fairlead_link_slow_readers_total: ["Streams cut because of a slow reader.", "slowReaders"],
  } as const;
  for (const [name, [help, field]] of Object.entries(single)) {
    counter(registry, name, help, [], () => ({ "": stats()[field] }));
  }
  counter(registry, "fairlead_agents_refused_total", "Dials refused, by error.", ["code"], () => stats().refused);
  counter(
    registry,
    "fairlead_link_bad_messages_total",
    "Messages that are none, by error.",
    ["code"],
    () => stats().badMessages,
  );
  counter(registry, "fairlead_link_messages_total", "Messages by direction.", ["direction"], () => ({
    in: stats().messagesIn,
    out: stats().messagesOut,
  }));
  counter(registry, "fairlead_link_bytes_total", "Payload bytes by direction.", ["direction"], () => ({
    in: stats().bytesIn,
    out: stats().bytesOut,
  }));
}

function gauge(
  registry: Registry,
  name: string,
  help: string,
  labelNames: string[],
  collect: CollectFunction<Gauge>,
): void {
  registry.registerMetric(new Gauge({ name, help, labelNames, collect, registers: [] }));
}

/** Counters that others count: set anew at each question. @param read value by label. */
function counter(
  registry: Registry,
  name: string,
  help: string,
  labels: readonly [] | readonly [string],
  read: () => Record<string, number>,
): void {
  const [label] = labels;
  registry.registerMetric(
    new Counter({
      name,
      help,
      labelNames: [...labels],
      registers: [],
      collect() {
        this.reset();
        for (const [value, count] of Object.entries(read())) {
          if (label === undefined) this.inc(count);
          else this.inc({ [label]: value }, count);
        }
      },
    }),
  );
}
