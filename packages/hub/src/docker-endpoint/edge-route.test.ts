import { expect, test } from "vitest";
import { edgeRoute } from "./edge-route.ts";

test.each([
  ["GET", "/v1.44/containers/x/logs?follow=1", "container"],
  ["GET", "/containers/x/logs", "container"],
  ["POST", "/v1.44/containers/x/wait?condition=next-exit", "container"],
  ["GET", "/v4.0.0/libpod/containers/x/logs", "container"],
  ["GET", "/v1.44/containers/x/archive?path=/", "archive"],
  ["GET", "/v1.44/containers/x/stats", "nothing"],
  ["GET", "/v1.44/containers/x/stats?stream=1", "nothing"],
  ["GET", "/v1.44/containers/x/export", "nothing"],
  ["GET", "/v1.44/events?since=1", "nothing"],
  ["GET", "/v1.44/images/get?names=a&names=b", "nothing"],
  ["GET", "/v1.44/images/registry.example/team/app:1/get", "nothing"],
  ["POST", "/v1.44/images/create?fromImage=x", "nothing"],
  ["POST", "/v1.44/images/registry.example/team/app/push?tag=1", "nothing"],
  ["POST", "/v1.44/images/load?quiet=1", "nothing"],
  ["POST", "/v1.44/build?t=x", "nothing"],
])("%s %s is a stream", (method, path, ask) => {
  expect(edgeRoute(method, path)).toEqual({ how: "stream", ask });
});

test.each([
  ["GET", "/v1.44/containers/json", 30],
  ["HEAD", "/v1.44/containers/x/archive?path=/", 30],
  ["GET", "/v1.44/containers/x/stats?stream=0", 30],
  ["GET", "/v1.44/containers/x/stats?stream=false&one-shot=1", 30],
  ["GET", "/v1.44/system/df", 600],
  ["PUT", "/v1.44/containers/x/archive?path=/", 600],
  ["POST", "/v1.44/containers/x/start", 600],
  ["POST", "/v1.44/containers/x/stop", 600],
  ["POST", "/v1.44/containers/x/stop?t=120", 720],
  ["POST", "/v1.44/containers/x/restart?t=-1", 600 + 24 * 3600],
  ["POST", "/v1.44/containers/x/stop?t=soon", 600],
  ["POST", "/v1.44/build/prune", 600],
])("%s %s is answered whole, within %d s", (method, path, seconds) => {
  expect(edgeRoute(method, path)).toEqual({ how: "whole", timeoutMs: seconds * 1000 });
});
