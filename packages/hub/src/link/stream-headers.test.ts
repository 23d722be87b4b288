import { expect, it } from "vitest";
import { guessHead } from "./stream-headers.ts";

it.each([
  ["GET", "/v1.45/containers/c/logs?follow=1&stdout=1", "application/vnd.docker.multiplexed-stream", true],
  ["GET", "/containers/c/logs", "application/vnd.docker.multiplexed-stream", true],
  ["GET", "/services/s/logs", "application/vnd.docker.multiplexed-stream", true],
  ["POST", "/v1.45/containers/c/attach?stream=1", "application/vnd.docker.multiplexed-stream", true],
  ["POST", "/v1.45/containers/c/wait?condition=next-exit", "application/json", true],
  ["GET", "/v1.45/events?since=1", "application/json", true],
  ["GET", "/v1.45/containers/c/stats?stream=1", "application/json", false],
  ["POST", "/v1.45/images/create?fromImage=busybox", "application/json", false],
  ["POST", "/v1.45/images/registry.example/a/b/push", "application/json", false],
  ["POST", "/build", "application/json", false],
  ["GET", "/v1.45/containers/c/archive?path=/etc", "application/x-tar", false],
  ["GET", "/v1.45/containers/c/export", "application/x-tar", false],
  ["GET", "/v1.45/images/get?names=a&names=b", "application/x-tar", false],
  ["GET", "/v1.45/images/registry.example/a/b/get", "application/x-tar", false],
  ["POST", "/_hawser/compose", "application/json", false],
])("guesses the head of %s %s", (method, path, contentType, mayBeSilent) => {
  expect(guessHead(method, path)).toEqual({ contentType, mayBeSilent });
});
