import type { Agent } from "node:http";
import { BlockList, isIP, isIPv6 } from "node:net";
import type { ProxySettings } from "../config.ts";

/** The proxy for this address, by the rules of `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`; undefined for a direct way. */
export function proxyFor(url: URL, settings: ProxySettings): URL | undefined {
  const isSecure = url.protocol === "wss:" || url.protocol === "https:";
  const proxy = isSecure ? settings.https : settings.http;
  return proxy !== undefined && !isExempt(url, settings.noProxy) ? proxy : undefined;
}

/** The agent that goes through `proxy` by CONNECT. Loaded only where one is used: it costs memory. */
export async function proxyAgent(proxy: URL, tls: { ca?: string; rejectUnauthorized: boolean }): Promise<Agent> {
  const { HttpsProxyAgent } = await import("https-proxy-agent");
  return new HttpsProxyAgent(proxy, proxy.protocol === "https:" ? tls : {});
}

/** `*`, `host`, `.domain` and `domain` (the domain and what is below it), each with or without `:port`, and `10.0.0.0/8`. */
function isExempt(url: URL, noProxy: readonly string[]): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const port = url.port || (url.protocol === "wss:" || url.protocol === "https:" ? "443" : "80");
  return noProxy.some((entry) => {
    if (entry === "*") return true;
    if (entry.includes("/")) return isInSubnet(host, entry);
    // Colons of an address without brackets are not a port's.
    const [, name = entry, onlyPort] = isIPv6(entry) ? [] : (/^(.*?)(?::(\d+))?$/.exec(entry) ?? []);
    if (onlyPort !== undefined && onlyPort !== port) return false;
    const domain = name.replace(/^\*?\./, "").replace(/^\[|\]$/g, "");
    return domain !== "" && (host === domain || host.endsWith(`.${domain}`));
  });
}

function isInSubnet(host: string, subnet: string): boolean {
  const [network = "", prefix = ""] = subnet.split("/");
  const family = isIP(network);
  if (family === 0 || family !== isIP(host) || !/^\d+$/.test(prefix) || Number(prefix) > (family === 4 ? 32 : 128))
    return false;
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), family === 4 ? "ipv4" : "ipv6");
  return list.check(host, family === 4 ? "ipv4" : "ipv6");
}
