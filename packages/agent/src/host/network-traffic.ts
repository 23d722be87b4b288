/** Bytes since boot. */
export interface NetworkTraffic {
  networkRxBytes: number;
  networkTxBytes: number;
}

/**
 * Interfaces whose bytes are counted on another interface too (bridges, bonds, VLANs, tunnels over a physical one) or never leave the host
 * (container pairs, virtual machines' taps), by the names that Docker, Podman, Kubernetes, libvirt, Proxmox, LXD, WireGuard and the kernel give.
 */
const VIRTUAL =
  /^(lo|docker|podman|veth|br|virbr|vmbr|vnet|fwbr|fwpr|fwln|lxc|lxd|incus|cni|cali|cilium|flannel|weave|kube|nodelocaldns|vxlan|geneve|genev|gre|erspan|sit|ip6|ip_vti|tunl|tun|tap|wg|tailscale|zt|utun|bond|team|vlan|macvlan|macvtap|ipvlan|dummy|ifb|nlmon|bridge|gif|stf|awdl|llw|anpi|ap\d)|[.:@]/;

/** True for a name that no physical interface has. */
export function isVirtualInterface(name: string): boolean {
  return VIRTUAL.test(name);
}

/** Reads `/proc/net/dev` (proc(5)): bytes received and sent by interface. */
export function parseInterfaces(dev: string): Map<string, NetworkTraffic> {
  const interfaces = new Map<string, NetworkTraffic>();
  for (const line of dev.split("\n").slice(2)) {
    const [, name, figures = ""] = /^\s*(.+):\s*(\d[\d\s]*)$/.exec(line) ?? [];
    const columns = figures.trim().split(/\s+/).map(Number);
    const [networkRxBytes, networkTxBytes] = [columns[0], columns[8]];
    if (name === undefined || networkRxBytes === undefined || networkTxBytes === undefined) continue;
    interfaces.set(name, { networkRxBytes, networkTxBytes });
  }
  return interfaces;
}
