import { expect, test } from "vitest";
import { publishedPorts } from "./published-ports.ts";

const given = {
  Config: { Image: "x", ExposedPorts: { "80/tcp": {}, "9000/tcp": {} } },
  NetworkSettings: {
    Ports: {
      "80/tcp": [
        { HostIp: "0.0.0.0", HostPort: "8080" },
        { HostIp: "::", HostPort: "8080" },
      ],
      "53/udp": [{ HostIp: "10.0.0.5", HostPort: "53" }],
      "443/tcp": [{ HostIp: "10.0.0.5", HostPort: "8443" }],
      "81/tcp": [{ HostIp: "127.0.0.1", HostPort: "8081" }],
      "9000/tcp": null,
    },
  },
};

test("of a far host only a named address can be linked to", () => {
  expect(publishedPorts(given, "hub.example", false)).toEqual([
    { container: "80/tcp", host: "0.0.0.0:8080" },
    { container: "80/tcp", host: "[::]:8080" },
    { container: "53/udp", host: "10.0.0.5:53" },
    { container: "443/tcp", host: "10.0.0.5:8443", link: "https://10.0.0.5:8443/" },
    { container: "81/tcp", host: "127.0.0.1:8081" },
    { container: "9000/tcp" },
  ]);
});

test("of the hub's own host all addresses are the page's", () => {
  expect(publishedPorts(given, "hub.example", true)[0]?.link).toBe("http://hub.example:8080/");
  expect(publishedPorts(given, "[::1]", true)[1]?.link).toBe("http://[::1]:8080/");
});
