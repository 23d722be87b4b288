/** Ready-to-paste ways to start an agent. */

/** Lines for each way, with the secret in them. */
export interface SetupLines {
  /** Where agents dial, `ws(s)://…`. */
  readonly serverUrl: string;
  readonly docker: string;
  readonly compose: string;
  readonly systemd: string;
  readonly shell: string;
}

/** With a token that is the agent's for good: what deployed 1.0 agents take. */
export interface AgentSetup extends SetupLines {
  readonly token: string;
}

/** With a join key, which the agent trades for a token of its own. */
export interface JoinSetup extends SetupLines {
  readonly joinKey: string;
}

/** Name of the image that `deploy/` builds. */
const IMAGE = "fairlead";

/** What to run on the host of an edge environment. `hubUrl` is the hub's address as that host sees it. */
export function agentSetup(hubUrl: string, token: string): AgentSetup {
  return { ...setupLines(hubUrl, "TOKEN", token), token };
}

/** The same with a join key. */
export function joinSetup(hubUrl: string, joinKey: string): JoinSetup {
  return { ...setupLines(hubUrl, "FAIRLEAD_JOIN_KEY", joinKey), joinKey };
}

function setupLines(hubUrl: string, variable: string, secret: string): SetupLines {
  const serverUrl = `${hubUrl.replace(/^http/, "ws")}/api/v1/agents/connect`;
  return {
    serverUrl,
    docker: [
      "docker run -d --name fairlead-agent --restart unless-stopped \\",
      "  -v /var/run/docker.sock:/var/run/docker.sock -v fairlead-agent:/data \\",
      `  -e FAIRLEAD_SERVER_URL=${serverUrl} -e ${variable}=${secret} ${IMAGE} agent`,
    ].join("\n"),
    compose: [
      "services:",
      "  fairlead-agent:",
      `    image: ${IMAGE}`,
      "    command: agent",
      "    restart: unless-stopped",
      "    environment:",
      `      FAIRLEAD_SERVER_URL: ${serverUrl}`,
      `      ${variable}: ${secret}`,
      "    volumes:",
      "      - /var/run/docker.sock:/var/run/docker.sock",
      "      - fairlead-agent:/data",
      "volumes:",
      "  fairlead-agent:",
    ].join("\n"),
    systemd: [
      "[Unit]",
      "Description=Fairlead agent",
      "After=network-online.target docker.service",
      "Wants=network-online.target",
      "",
      "[Service]",
      "ExecStart=/usr/local/bin/fairlead agent",
      `Environment=FAIRLEAD_SERVER_URL=${serverUrl}`,
      `Environment=${variable}=${secret}`,
      "StateDirectory=fairlead",
      "StateDirectoryMode=0700",
      "Environment=FAIRLEAD_DATA_DIR=/var/lib/fairlead",
      "Restart=always",
      "RestartSec=2",
      "",
      "[Install]",
      "WantedBy=multi-user.target",
    ].join("\n"),
    shell: `FAIRLEAD_SERVER_URL=${serverUrl} ${variable}=${secret} fairlead agent`,
  };
}

/** The ways, and where each is put. */
export const AGENT_SETUP_WAYS = [
  { key: "docker", title: "docker run" },
  { key: "compose", title: "compose.yaml" },
  { key: "systemd", title: "/etc/systemd/system/fairlead-agent.service (systemctl enable --now fairlead-agent)" },
  { key: "shell", title: "from a checkout" },
] as const satisfies readonly { readonly key: keyof SetupLines; readonly title: string }[];

/** The ways one below the other, each under its name. */
export function describeAgentSetup(setup: SetupLines): string {
  return AGENT_SETUP_WAYS.map(({ key, title }) => `# ${title}\n${setup[key]}`).join("\n\n");
}
