import { lookup as systemLookup, type LookupAddress, type LookupAllOptions } from "node:dns";
import { BlockList, isIP, isIPv4, type LookupFunction } from "node:net";
import { FairleadError } from "@fairlead/protocol";
import { ipv6Groups } from "../link/address-key.ts";

/** Networks as `ADDRESS/PREFIX`. */
export interface DialNetworks {
  /** Dialled whatever else says. */
  readonly allow: readonly string[];
  /** Not dialled unless allowed. */
  readonly deny: readonly string[];
}

export interface DialGuardOptions extends DialNetworks {
  /** The hub's own machine may be dialled by its loopback addresses. */
  readonly loopback: boolean;
  /** For tests. Default: the system's. */
  readonly resolve?: Resolve;
}

/** `dns.lookup` as it is used here. */
export type Resolve = (
  name: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** What an environment's host or engine is never found at, and what others keep there. */
const NEVER: readonly (readonly [network: string, what: string])[] = [
  ["0.0.0.0/8", "no address of a host"],
  ["169.254.0.0/16", "link-local; clouds serve their instances' secrets there"],
  ["100.100.100.200/32", "a cloud's metadata service"],
  ["168.63.129.16/32", "a cloud's metadata service"],
  ["192.0.0.192/32", "a cloud's metadata service"],
  ["224.0.0.0/4", "multicast"],
  ["240.0.0.0/4", "reserved, and broadcast"],
  ["::/128", "no address of a host"],
  ["fe80::/10", "link-local"],
  ["ff00::/8", "multicast"],
  ["fd00:ec2::/32", "a cloud's metadata service"],
  ["fd20:ce::254/128", "a cloud's metadata service"],
  ["fd00:c1::a9fe:a9fe/128", "a cloud's metadata service"],
];

/** Programs that trust their own machine listen there, the hub's own among them. */
const LOOPBACK: typeof NEVER = [
  ["127.0.0.0/8", "the hub's own machine"],
  ["::1/128", "the hub's own machine"],
];

interface Network {
  readonly text: string;
  readonly what: string;
  readonly list: BlockList;
}

/**
 * Where the hub dials for those who name addresses to it: everywhere but at what is meant for the hub's machine alone. It is
 * asked for the address that is connected to, at the moment of connecting: a name that changes its mind gains nothing.
 */
export class DialGuard {
  readonly #allow: readonly Network[];
  readonly #deny: readonly Network[];
  readonly #never: readonly Network[];
  readonly #resolve: Resolve;

  constructor({ allow, deny, loopback, resolve = systemLookup }: DialGuardOptions) {
    this.#allow = allow.map((text) => network(text, ""));
    this.#deny = deny.map((text) => network(text, ""));
    this.#never = [...NEVER, ...(loopback ? [] : LOOPBACK)].map(([text, what]) => network(text, what));
    this.#resolve = resolve;
  }

  /**
   * Why this address is not dialled; undefined when it is.
   *
   * @param host As it was named, for the message.
   */
  refusal(address: string, host: string = address): FairleadError | undefined {
    const [bare = ""] = address.split("%", 1);
    const meant = meantAddresses(bare);
    if (meant.some((one) => find(this.#allow, one))) return undefined;
    const name = host === address ? address : `${address} (${host})`;
    for (const one of meant) {
      const denied = find(this.#deny, one);
      if (denied) {
        const advice = "take it out there, or name the address in FAIRLEAD_DIAL_ALLOW, which wins";
        return forbidden(name, `it is in ${denied.text} of FAIRLEAD_DIAL_DENY; ${advice}`);
      }
      const never = find(this.#never, one);
      if (never) {
        const advice = `which is dialled only when FAIRLEAD_DIAL_ALLOW names it on the hub`;
        return forbidden(name, `it is in ${never.text} (${never.what}), ${advice}`);
      }
    }
    return undefined;
  }

  /** For `net.connect`: resolves a name to those of its addresses that may be dialled. */
  readonly lookup: LookupFunction = (host, options, callback) => {
    this.#resolve(host, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const refusals = addresses.map(({ address }) => this.refusal(address, host));
      const open = addresses.filter((_, index) => refusals[index] === undefined);
      const [first] = open;
      if (first === undefined) return callback(refusals[0] ?? noAddress(host), []);
      if (options.all) callback(null, open);
      else callback(null, first.address, first.family);
    });
  };
}

/** The addresses that a connection to this one may come out at: an IPv4 one may be written within an IPv6 one. */
function meantAddresses(address: string): readonly string[] {
  if (isIP(address) !== 6) return [address];
  const groups = ipv6Groups(address);
  const [first = 0, second = 0, third = 0] = groups;
  const last = ipv4(groups[6] ?? 0, groups[7] ?? 0);
  const startsWith = (...start: number[]): boolean => start.every((group, index) => groups[index] === group);
  // ::ffff:0:0/96 is IPv4 by another name.
  if (startsWith(0, 0, 0, 0, 0, 0xff_ff)) return [last];
  // 6to4, then the translators of RFC 6052 and 8215, the old compatible form and that of SIIT.
  if (first === 0x20_02) return [address, ipv4(second, third)];
  const isTranslated = startsWith(0x64, 0xff_9b) || startsWith(0, 0, 0, 0, 0xff_ff, 0) || startsWith(0, 0, 0, 0, 0, 0);
  return isTranslated && !isUnspecifiedOrLoopback(groups) ? [address, last] : [address];
}

function isUnspecifiedOrLoopback(groups: readonly number[]): boolean {
  return groups.slice(0, 7).every((group) => group === 0) && (groups[7] ?? 0) <= 1;
}

function ipv4(high: number, low: number): string {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join(".");
}

function network(text: string, what: string): Network {
  const [address = "", prefix = ""] = text.split("/");
  const list = new BlockList();
  list.addSubnet(address, Number(prefix), family(address));
  return { text, what, list };
}

function find(networks: readonly Network[], address: string): Network | undefined {
  return networks.find(({ list }) => list.check(address, family(address)));
}

function family(address: string): "ipv4" | "ipv6" {
  return isIPv4(address) ? "ipv4" : "ipv6";
}

function forbidden(name: string, reason: string): FairleadError {
  return new FairleadError("address_forbidden", `The hub does not dial ${name}: ${reason}.`);
}

function noAddress(host: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${host} has no address`), { code: "ENOTFOUND" });
}
