import { randomBytes } from "node:crypto";
import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { CreatedEnvironment, CreateEnvironment, Environment } from "@fairlead/protocol/rest";
import {
  type AgentProgram,
  type DockerTarget,
  type FakeEngine,
  type FaultyNetwork,
  type HubProgram,
  startAgent,
  startFakeEngine,
  startFaultyNetwork,
  startHub,
  type Transfer,
  waitFor,
} from "@fairlead/testkit";

/** Fractions of a second: what is tested is not the patience of agents. */
const QUICK_RECONNECT = { RECONNECT_DELAY: "0.1", MAX_RECONNECT_DELAY: "0.1" };

/** Anonymous memory that hub or agent may keep over what they had before the faults: buffers and compiled code, but no transfer. */
const KEPT_MEMORY_KIB = 64 * 1024;

const ENGINE_CONNECTIONS = "connections of the engine";

/** Looks at what is held before the least of them is believed to be all that stays. */
const BASELINE_LOOKS = 30;
/** The engine hears of what an agent has closed in one of the next turns of this process. */
const BASELINE_TURNS = 3;
const TURN_MS = 20;

/** An environment whose agent and hub meet through a network that can be made bad. */
export interface FaultyEnvironment {
  readonly name: string;
  readonly agent: AgentProgram;
  readonly network: FaultyNetwork;
  /** For transfers through the hub. */
  readonly target: DockerTarget;
}

/** Counts of what must not grow. */
type Holdings = Record<string, number>;

/** A hub, a fake engine, and environments with a faulty network between hub and agent. */
export class FaultStage implements AsyncDisposable {
  readonly hub: HubProgram;
  readonly engine: FakeEngine;
  readonly #environments: FaultyEnvironment[] = [];
  #baseline: Holdings = {};
  #memory: Holdings = {};

  private constructor(hub: HubProgram, engine: FakeEngine) {
    this.hub = hub;
    this.engine = engine;
  }

  static async open(): Promise<FaultStage> {
    const [hub, engine] = await Promise.all([startHub(), startFakeEngine()]);
    return new FaultStage(hub, engine);
  }

  /** An agent that dials the hub through the network. */
  async addEdge(name: string): Promise<FaultyEnvironment> {
    const { agentToken } = await this.#create({ name, kind: "edge" });
    const network = await startFaultyNetwork({ port: this.hub.port });
    const agent = await startAgent({
      serverUrl: `ws://${network.address}/api/hawser/connect`,
      token: agentToken ?? "",
      dockerSocket: this.engine.socketPath,
      env: QUICK_RECONNECT,
    });
    return this.#add(name, agent, network);
  }

  /** A listening agent that the hub dials through the network. */
  async addStandard(name: string): Promise<FaultyEnvironment> {
    const token = randomBytes(16).toString("hex");
    const agent = await startAgent({ token, dockerSocket: this.engine.socketPath });
    const network = await startFaultyNetwork({ port: Number(new URL(agent.url ?? "").port) });
    await this.#create({ name, kind: "standard", address: `http://${network.address}`, token });
    return this.#add(name, agent, network);
  }

  /** Waits until both lights of the environment are up. */
  async online({ name }: FaultyEnvironment): Promise<void> {
    await waitFor(
      async () => {
        const { link, engine } = await this.#environment(name);
        return link.state === "up" && engine.state === "up";
      },
      { what: `${name} to be online` },
    );
  }

  /** Ends the agent's connection, and waits for its next: one that took garbage may work on for a moment. */
  async reconnected({ name, network }: FaultyEnvironment): Promise<void> {
    const before = (await this.#environment(name)).agent?.connectedAt;
    network.cut();
    await waitFor(async () => (await this.#environment(name)).agent?.connectedAt !== before, {
      what: `${name} to connect again`,
    });
  }

  /** Keeps what is held now as what may be held after each fault. To be called after every kind of transfer was made once. */
  async keepBaseline(): Promise<void> {
    const looks: Holdings[] = [];
    // Some looks meet a probe of the hub; the least is what is always there.
    await waitFor(async () => looks.push(await this.#holdings(BASELINE_TURNS)) >= BASELINE_LOOKS, {
      what: "looks at what is held",
      intervalMs: 100,
    });
    for (const what of Object.keys(looks[0] ?? {})) {
      this.#baseline[what] = Math.min(...looks.map((look) => look[what] ?? 0));
    }
    this.#memory = await this.#memoryNow();
  }

  /**
   * Heals the networks and waits until nothing is held that was not before the faults: files and sockets, timers, streams, the engine's
   * requests. Connections to the engine that agents keep for the next call may stay.
   */
  settled(): Promise<void> {
    return this.#holdsNoMore((holdings) => ({ ...holdings, [ENGINE_CONNECTIONS]: 0 }));
  }

  /** Waits until those are gone as well. */
  idle(): Promise<void> {
    return this.#holdsNoMore((holdings) => holdings);
  }

  /** What the engine took for a whole upload must be one: one that broke off has to break off there, too. */
  expectWholeUploads(): void {
    const uploads = this.engine.requests.filter(({ url, bodyEnded }) => url.includes("/images/load") && bodyEnded);
    for (const { url, bodyBytes } of uploads) {
      const announced = Number(new URL(url, "http://engine").searchParams.get("bytes"));
      if (bodyBytes !== announced) throw new Error(`The engine took ${bodyBytes} of ${announced} bytes for all`);
    }
  }

  /** Waits until hub and agents have given back the memory of what was under way. */
  async memorySettled(): Promise<void> {
    let memory: Holdings = {};
    await waitFor(
      async () => {
        memory = await this.#memoryNow();
        return Object.entries(memory).every(([what, kib]) => kib <= (this.#memory[what] ?? 0) + KEPT_MEMORY_KIB);
      },
      {
        what: () => `memory to be near ${JSON.stringify(this.#memory)} KiB, it is ${JSON.stringify(memory)}`,
        intervalMs: 1_000,
      },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { agent, network } of this.#environments) {
      await agent.stop();
      await network.stop();
    }
    await this.hub.stop();
    await this.engine.stop();
  }

  async #add(name: string, agent: AgentProgram, network: FaultyNetwork): Promise<FaultyEnvironment> {
    const target = {
      connection: { host: "127.0.0.1", port: this.hub.port },
      prefix: `/api/v1/environments/${name}/docker`,
      headers: { authorization: `Bearer ${this.hub.token}` },
    };
    const environment = { name, agent, network, target };
    this.#environments.push(environment);
    await this.online(environment);
    return environment;
  }

  async #create(body: CreateEnvironment): Promise<CreatedEnvironment> {
    return JSON.parse(await this.#call("POST", "/api/v1/environments", JSON.stringify(body))) as CreatedEnvironment;
  }

  async #environment(name: string): Promise<Environment> {
    return JSON.parse(await this.#get(`/api/v1/environments/${name}`)) as Environment;
  }

  #get(path: string): Promise<string> {
    return this.#call("GET", path);
  }

  /** One call on a connection of its own, which ends with it: one that is kept would count as held. */
  #call(method: string, path: string, body?: string): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const headers = { authorization: `Bearer ${this.hub.token}`, "content-type": "application/json" };
    const outgoing = request({ host: "127.0.0.1", port: this.hub.port, method, path, headers, agent: false });
    outgoing.once("error", reject);
    outgoing.once("response", (response) => {
      response.toArray().then((chunks: Buffer[]) => {
        const text = Buffer.concat(chunks).toString();
        if ((response.statusCode ?? 0) < 300) resolve(text);
        else reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
      }, reject);
    });
    outgoing.end(body);
    return promise;
  }

  async #holdings(turns = 0): Promise<Holdings> {
    const metrics = await this.#get("/metrics");
    // One that opens or closes meanwhile must not make an agent's other files look fewer than they are: a baseline would stay too low.
    const before = this.engine.openConnections;
    const agentFiles = await Promise.all(this.#environments.map(({ agent }) => agent.openFiles()));
    for (let turn = 0; turn < turns; turn += 1) await sleep(TURN_MS);
    const connections = Math.min(before, this.engine.openConnections);
    return {
      "files of the hub": await this.hub.openFiles(),
      "timers of the hub": figure(metrics, 'nodejs_active_resources{type="Timeout"}'),
      "streams of the hub": figure(metrics, "fairlead_streams_open"),
      "dials pending at the hub": figure(metrics, "fairlead_agents_pending"),
      "files of the agents, without those connections": agentFiles.reduce((sum, files) => sum + files, -connections),
      "requests of the engine": this.engine.requests.filter(({ finished, aborted }) => !finished && !aborted).length,
      [ENGINE_CONNECTIONS]: connections,
    };
  }

  async #holdsNoMore(counted: (holdings: Holdings) => Holdings): Promise<void> {
    for (const { network } of this.#environments) network.heal();
    for (const environment of this.#environments) await this.online(environment);
    let holdings: Holdings = {};
    await waitFor(
      async () => {
        holdings = counted(await this.#holdings());
        return Object.entries(holdings).every(([what, count]) => count <= (this.#baseline[what] ?? 0));
      },
      { what: () => `no more than ${JSON.stringify(this.#baseline)} to be held, it is ${JSON.stringify(holdings)}` },
    );
  }

  async #memoryNow(): Promise<Holdings> {
    const memory: Holdings = { hub: (await this.hub.memory()).anonKiB };
    for (const { name, agent } of this.#environments) memory[name] = (await agent.memory()).anonKiB;
    return memory;
  }
}

/** 0 where the hub has no such figure. */
function figure(metrics: string, name: string): number {
  const line = metrics.split("\n").find((text) => text.startsWith(`${name} `));
  return line === undefined ? 0 : Number(line.slice(name.length + 1));
}

/** Waits for a transfer. @throws Error when it does not end at all. */
export async function endOf(transfer: Promise<Transfer>, timeoutMs = 90_000): Promise<Transfer> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`A transfer did not end within ${timeoutMs} ms`)), timeoutMs);
  try {
    return await Promise.race([transfer, promise]);
  } finally {
    clearTimeout(timer);
  }
}
