import { expect, test } from "vitest";
import { hubUrlOf, isOwnMachine } from "./hub-url.ts";

test.each([
  ["https://hub.example/", "https://hub.example"],
  [" http://10.0.0.2:8375/base/?x#y ", "http://10.0.0.2:8375/base"],
  ["hub.example", undefined],
  ["ws://hub", undefined],
  ["", undefined],
])("%s", (text, url) => expect(hubUrlOf(text)).toBe(url));

test("addresses that are every machine's own", () => {
  for (const url of ["http://localhost:1", "http://127.0.0.1", "http://[::1]:8375"])
    expect(isOwnMachine(url)).toBe(true);
  for (const url of ["http://hub", "https://127.example", "http://10.0.0.1"]) expect(isOwnMachine(url)).toBe(false);
});
