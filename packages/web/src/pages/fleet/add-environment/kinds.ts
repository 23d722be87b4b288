import type { EnvironmentKind } from "@fairlead/protocol/rest";

/** Ways to reach a host, and what each is for. */
export const KINDS: readonly { readonly value: EnvironmentKind; readonly label: string; readonly meaning: string }[] = [
  {
    value: "edge",
    label: "Edge",
    meaning: "An agent on the host dials this hub: nothing on the host listens, and it may stand behind NAT.",
  },
  {
    value: "standard",
    label: "Standard",
    meaning: "An agent on the host listens, and this hub dials it.",
  },
  {
    value: "direct",
    label: "Direct",
    meaning: "This hub dials a Docker Engine that listens on the network; there is no agent, so no host figures.",
  },
  {
    value: "socket",
    label: "Socket",
    meaning: "A Docker socket of the hub's own machine.",
  },
];

export function isKind(text: string): text is EnvironmentKind {
  return KINDS.some(({ value }) => value === text);
}
