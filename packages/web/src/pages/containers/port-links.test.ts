import { describe, expect, test } from "vitest";
import { hostAddress, publishedPorts } from "./port-links.ts";

const port = (PublicPort: number | undefined, IP = "0.0.0.0", Type = "tcp") => ({
  IP,
  PrivatePort: 80,
  PublicPort,
  Type,
});

describe("published ports", () => {
  test.each([
    [[port(8080), port(8080, "::")], [{ text: "8080:80", href: "http://10.0.0.7:8080" }]],
    [[port(8080, "127.0.0.1")], [{ text: "127.0.0.1:8080:80" }]],
    [[port(8080, "192.168.1.5")], [{ text: "192.168.1.5:8080:80", href: "http://192.168.1.5:8080" }]],
    [[port(53, "0.0.0.0", "udp")], [{ text: "53:80/udp" }]],
    [[port(9000, "fd00::1")], [{ text: "[fd00::1]:9000:80", href: "http://[fd00::1]:9000" }]],
    [[port(undefined)], []],
  ])("%j", (ports, expected) => {
    expect(publishedPorts(ports, "10.0.0.7").map(({ text, href }) => ({ text, ...(href && { href }) }))).toEqual(
      expected,
    );
  });

  test("come lowest first, and without links where the host's address is not known", () => {
    expect(publishedPorts([port(9000), port(80)], undefined)).toMatchObject([{ text: "80:80" }, { text: "9000:80" }]);
    expect(publishedPorts([port(80)], undefined)[0]).not.toHaveProperty("href");
  });
});

describe("a host is at", () => {
  const agent = (address: string | null) => ({ address }) as never;
  test.each([
    ["edge", null, agent("10.0.0.7"), "10.0.0.7"],
    ["edge", null, agent("::ffff:10.0.0.7"), "10.0.0.7"],
    ["edge", null, agent("127.0.0.1"), "hub.example"],
    ["edge", null, agent(null), undefined],
    ["edge", null, null, undefined],
    ["standard", "https://nas.lan:2376", agent("10.0.0.9"), "nas.lan"],
    ["direct", "tcp://10.0.0.8:2375", null, "10.0.0.8"],
    ["direct", "tcp://[fd00::2]:2375", null, "fd00::2"],
    ["socket", "unix:///var/run/docker.sock", null, "hub.example"],
  ] as const)("%s %s", (kind, address, of, expected) => {
    expect(hostAddress({ kind, address, agent: of }, "hub.example")).toBe(expected);
  });
});
