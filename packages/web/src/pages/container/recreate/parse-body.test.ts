import { expect, test } from "vitest";
import { parseBody } from "./parse-body.ts";

test("a body is taken as it is", () => {
  expect(parseBody('{"Image":"a","Foo":1}')).toEqual({ Image: "a", Foo: 1, HostConfig: {} });
});

test.each([
  ["{", "no JSON"],
  ["[]", "is an object"],
  ["{}", "Image"],
  ['{"Image":"a","HostConfig":[]}', "HostConfig"],
  ['{"Image":"a","NetworkingConfig":{"EndpointsConfig":1}}', "NetworkingConfig"],
])("%s says what is wrong", (text, words) => {
  expect(() => parseBody(text)).toThrow(words);
});
