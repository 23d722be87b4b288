import { afterEach, describe, expect, it } from "vitest";
import { newLinkStats } from "../link/link-stats.ts";
import { createPrometheus, type Prometheus, type PrometheusSources } from "./prometheus.ts";

let prometheus: Prometheus | undefined;

afterEach(() => prometheus?.stop());

function start(changes: Partial<PrometheusSources> = {}): Prometheus {
  prometheus = createPrometheus({
    watch: { counts: () => [{ kind: "edge", link: "up", engine: "down", hosts: 3 }] },
    events: { stats: { stored: 5, gaps: 1, duplicates: 2, dropped: 0, expired: 0, queued: 7 } },
    metrics: { stats: { stored: 50, duplicates: 4, shifted: 3, dropped: 2, queued: 1 } },
    containerMetrics: { stats: { stored: 60, dropped: 8, queued: 2 } },
    containerMetricsRounds: { stats: { done: 11, failed: 2, skipped: 1 } },
    audit: { stats: { stored: 6, dropped: 0, summarised: 0, queued: 0 } },
    feed: { stats: { stored: 9, dropped: 0, queued: 0 } },
    readers: { connected: 2 },
    link: () => ({ ...newLinkStats(), connected: 12, accepted: 20, bytesIn: 500, refused: { token_invalid: 4 } }),
    ...changes,
  });
  return prometheus;
}

describe("createPrometheus", () => {
  it("gives every figure as it is when asked", async () => {
    const hosts = [{ kind: "edge" as const, link: "up", engine: "down", hosts: 3 }];
    const started = start({ watch: { counts: () => hosts } });
    const lines = (await started.text()).split("\n");
    for (const line of [
      'fairlead_environments{kind="edge",link="up",engine="down"} 3',
      'fairlead_events_total{outcome="stored"} 5',
      'fairlead_events_total{outcome="duplicates"} 2',
      "fairlead_events_queued 7",
      'fairlead_metrics_samples_total{outcome="shifted"} 3',
      'fairlead_container_metrics_samples_total{outcome="stored"} 60',
      'fairlead_container_metrics_rounds_total{outcome="skipped"} 1',
      "fairlead_container_metrics_samples_queued 2",
      'fairlead_changes_total{outcome="stored"} 9',
      'fairlead_audit_entries_total{outcome="stored"} 6',
      "fairlead_stream_readers 2",
      "fairlead_agents_connected 12",
      "fairlead_agents_accepted_total 20",
      'fairlead_agents_refused_total{code="token_invalid"} 4',
      'fairlead_link_bytes_total{direction="in"} 500',
    ]) {
      expect(lines).toContain(line);
    }
    hosts.splice(0, 1, { kind: "edge", link: "down", engine: "unknown", hosts: 1 });
    const later = await started.text();
    expect(later).toContain('fairlead_environments{kind="edge",link="down",engine="unknown"} 1');
    expect(later).not.toContain('link="up"');
    // Counters are set, not added to, at each question.
    expect(later).toContain('fairlead_events_total{outcome="stored"} 5');
  });

  it("measures requests by route, and the process", async () => {
    const started = start();
    started.observeRequest("GET", "/api/v1/environments/:env", 200, 0.004);
    started.observeRequest("GET", "/api/v1/environments/:env", 200, 3);
    const exposition = await started.text();
    expect(exposition).toContain(
      'fairlead_http_request_duration_seconds_count{method="GET",route="/api/v1/environments/:env",status="200"} 2',
    );
    expect(exposition).toContain("process_resident_memory_bytes");
    expect(started.contentType).toContain("text/plain");
  });
});
