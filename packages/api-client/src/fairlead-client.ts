import { FairleadError } from "@fairlead/protocol";
import type {
  ApiToken,
  ApiTokenList,
  AuditEntry,
  AuditFilter,
  AuditHead,
  AuditPage,
  AuditQuery,
  AuditVerification,
  ContainerList,
  ContainerMetricsSeries,
  CreateApiToken,
  CreatedApiToken,
  CreatedEnvironment,
  CreatedJoinKey,
  CreatedLink,
  CreateEnvironment,
  CreateJoinKey,
  CreateRole,
  DeviceLogin,
  DeviceLoginResult,
  Environment,
  EnvironmentContainers,
  EnvironmentList,
  EventPage,
  EventQuery,
  ExecQuery,
  FleetMetrics,
  FleetMetricsQuery,
  HubInfo,
  HubSetting,
  HubSettingList,
  JoinKey,
  JoinKeyList,
  LogsQuery,
  Invitation,
  InvitationList,
  InvitePerson,
  Me,
  MetricsQuery,
  MetricsSeries,
  Person,
  PersonList,
  Role,
  RoleBinding,
  RoleBindingList,
  RoleList,
  RotatedToken,
  RotateToken,
  UpdateEnvironment,
  UpdatePerson,
  UpdateRole,
} from "@fairlead/protocol/rest";
import { readChanges, type StreamMessage, type StreamOptions } from "./change-stream.ts";
import { readJsonLines } from "./json-lines.ts";
import { type CallInit, HubTransport } from "./hub-transport.ts";

export interface ClientOptions {
  /** The hub's origin, for example `https://hub.example:8375`; a path before `/api` is kept. */
  url: string;
  /** API token (`fl_…`). Without it only the routes that are open answer. */
  token?: string;
  /** Default: the global `fetch`. */
  fetch?: typeof globalThis.fetch;
}

/** An environment's id or name. */
export type EnvironmentRef = string | number;

/** A person's id or e-mail address. */
export type PersonRef = string;

export type EventListQuery = Omit<EventQuery, "environment"> & { environments?: readonly EnvironmentRef[] };
export type MetricsRangeQuery = MetricsQuery;
export type FleetMetricsRangeQuery = Omit<FleetMetricsQuery, "environment"> & {
  /** Default: all. */
  environments?: readonly EnvironmentRef[];
};
export type AuditListQuery = AuditQuery;
export type AuditExportQuery = AuditFilter;
export interface ContainerListQuery {
  /** Default: all. */
  environments?: readonly EnvironmentRef[];
}
export type ExecOptions = ExecQuery;
export type LogsOptions = LogsQuery;

/**
 * A hub. Every method throws `FairleadError` with the server's code and message, `hub_unreachable` when the hub does not
 * answer, and `cancelled` when its signal is aborted.
 *
 * @example
 * const hub = new FairleadClient({ url: "http://127.0.0.1:8375", token });
 * for (const environment of await hub.listEnvironments()) console.log(environment.name, environment.link.state);
 */
export class FairleadClient {
  /** Without a slash at the end. */
  readonly url: string;
  readonly #transport: HubTransport;

  /** @throws FairleadError config_invalid when `url` is not an http or https URL. */
  constructor(options: ClientOptions) {
    const url = URL.parse(options.url);
    if (url === null || !/^https?:$/.test(url.protocol)) {
      throw new FairleadError("config_invalid", `The hub's URL is '${options.url}'; it must be http://… or https://…`);
    }
    this.#transport = new HubTransport({
      url: url.origin + url.pathname,
      token: options.token,
      fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    });
    this.url = this.#transport.url;
  }

  /** Version and uptime of the hub. */
  info(signal?: AbortSignal): Promise<HubInfo> {
    return this.#call("", signal);
  }

  /** What the hub runs with, and the variables that set it. */
  async settings(signal?: AbortSignal): Promise<HubSetting[]> {
    return (await this.#call<HubSettingList>("/settings", signal)).items;
  }

  async listEnvironments(signal?: AbortSignal): Promise<Environment[]> {
    return (await this.#call<EnvironmentList>("/environments", signal)).items;
  }

  getEnvironment(ref: EnvironmentRef, signal?: AbortSignal): Promise<Environment> {
    return this.#call(environmentPath(ref), signal);
  }

  /** The answer holds the agent's token of an edge environment, this once. */
  createEnvironment(body: CreateEnvironment): Promise<CreatedEnvironment> {
    return this.#send("POST", "/environments", body);
  }

  updateEnvironment(ref: EnvironmentRef, body: UpdateEnvironment): Promise<Environment> {
    return this.#send("PATCH", environmentPath(ref), body);
  }

  /** Forgets the environment and what is kept of it, and closes its agent's connection. */
  removeEnvironment(ref: EnvironmentRef): Promise<void> {
    return this.#send("DELETE", environmentPath(ref));
  }

  rotateAgentToken(ref: EnvironmentRef, body: RotateToken = {}): Promise<RotatedToken> {
    return this.#send("POST", `${environmentPath(ref)}/token`, body);
  }

  /** Ends the agent's token and its connection at once. */
  revokeAgentToken(ref: EnvironmentRef): Promise<void> {
    return this.#send("DELETE", `${environmentPath(ref)}/token`);
  }

  /** The answer holds the key, this once: for one agent, which trades it for a token. */
  createJoinKey(ref: EnvironmentRef, body: CreateJoinKey = {}): Promise<CreatedJoinKey> {
    return this.#send("POST", `${environmentPath(ref)}/join-key`, body);
  }

  /** Open ones, and the last that ended; newest first. */
  async listJoinKeys(ref: EnvironmentRef, signal?: AbortSignal): Promise<JoinKey[]> {
    return (await this.#call<JoinKeyList>(`${environmentPath(ref)}/join-key`, signal)).items;
  }

  /** Ends the open ones. An agent that joined already stays. */
  revokeJoinKeys(ref: EnvironmentRef): Promise<void> {
    return this.#send("DELETE", `${environmentPath(ref)}/join-key`);
  }

  /** The conflict was seen to; a new attempt shows it again. */
  dismissConflict(ref: EnvironmentRef): Promise<void> {
    return this.#send("DELETE", `${environmentPath(ref)}/conflict`);
  }

  /** Containers of one environment: live, or the last known with their age. */
  environmentContainers(ref: EnvironmentRef, signal?: AbortSignal): Promise<EnvironmentContainers> {
    return this.#call(`${environmentPath(ref)}/containers`, signal);
  }

  /** Containers of several environments at once. */
  async listContainers(query: ContainerListQuery = {}, signal?: AbortSignal): Promise<EnvironmentContainers[]> {
    const init = { query: { environment: query.environments }, ...(signal === undefined ? {} : { signal }) };
    return (await this.#transport.json<ContainerList>("/api/v1/containers", init)).items;
  }

  /** One page of the events kept; `next` is the `after` of the following one. */
  listEvents(query: EventListQuery = {}, signal?: AbortSignal): Promise<EventPage> {
    const { environments, ...rest } = query;
    const init = { query: { ...rest, environment: environments }, ...(signal === undefined ? {} : { signal }) };
    return this.#transport.json("/api/v1/events", init);
  }

  metrics(ref: EnvironmentRef, query: MetricsRangeQuery = {}, signal?: AbortSignal): Promise<MetricsSeries> {
    const init = { query, ...(signal === undefined ? {} : { signal }) };
    return this.#transport.json(`/api/v1${environmentPath(ref)}/metrics`, init);
  }

  /** The history of one container's figures. @param container Its full id, or its name as last known. */
  containerMetrics(
    ref: EnvironmentRef,
    container: string,
    query: MetricsRangeQuery = {},
    signal?: AbortSignal,
  ): Promise<ContainerMetricsSeries> {
    const init = { query, ...(signal === undefined ? {} : { signal }) };
    const path = `/api/v1${environmentPath(ref)}/containers/${encodeURIComponent(container)}/metrics`;
    return this.#transport.json(path, init);
  }

  /** Figures of many environments at once, downsampled to at most `points` each. */
  fleetMetrics(query: FleetMetricsRangeQuery = {}, signal?: AbortSignal): Promise<FleetMetrics> {
    const { environments, ...rest } = query;
    const init = { query: { ...rest, environment: environments }, ...(signal === undefined ? {} : { signal }) };
    return this.#transport.json("/api/v1/metrics", init);
  }

  async listTokens(signal?: AbortSignal): Promise<ApiToken[]> {
    return (await this.#call<ApiTokenList>("/tokens", signal)).items;
  }

  /** The answer holds the secret, this once. */
  createToken(body: CreateApiToken): Promise<CreatedApiToken> {
    return this.#send("POST", "/tokens", body);
  }

  revokeToken(id: number): Promise<void> {
    return this.#send("DELETE", `/tokens/${id}`);
  }

  async listRoles(signal?: AbortSignal): Promise<Role[]> {
    return (await this.#call<RoleList>("/roles", signal)).items;
  }

  createRole(body: CreateRole): Promise<Role> {
    return this.#send("POST", "/roles", body);
  }

  updateRole(name: string, body: UpdateRole): Promise<Role> {
    return this.#send("PATCH", `/roles/${encodeURIComponent(name)}`, body);
  }

  removeRole(name: string): Promise<void> {
    return this.#send("DELETE", `/roles/${encodeURIComponent(name)}`);
  }

  /** Who this client is to the hub. */
  me(signal?: AbortSignal): Promise<Me> {
    return this.#call("/me", signal);
  }

  async listPeople(signal?: AbortSignal): Promise<Person[]> {
    return (await this.#call<PersonList>("/people", signal)).items;
  }

  getPerson(ref: PersonRef, signal?: AbortSignal): Promise<Person> {
    return this.#call(personPath(ref), signal);
  }

  /** Somebody who is disabled is signed out everywhere at once. */
  updatePerson(ref: PersonRef, body: UpdatePerson): Promise<Person> {
    return this.#send("PATCH", personPath(ref), body);
  }

  removePerson(ref: PersonRef): Promise<void> {
    return this.#send("DELETE", personPath(ref));
  }

  /** The roles that somebody gave the person; those of a provider's groups are not among them. */
  async rolesOfPerson(ref: PersonRef, signal?: AbortSignal): Promise<RoleBinding[]> {
    return (await this.#call<RoleBindingList>(`${personPath(ref)}/roles`, signal)).items;
  }

  /** Puts these in the place of the roles that somebody gave. */
  async setRolesOfPerson(ref: PersonRef, roles: readonly RoleBinding[]): Promise<RoleBinding[]> {
    return (await this.#send<RoleBindingList>("PUT", `${personPath(ref)}/roles`, { items: roles })).items;
  }

  signPersonOut(ref: PersonRef): Promise<void> {
    return this.#send("DELETE", `${personPath(ref)}/sessions`);
  }

  /** Takes TOTP, recovery codes and passkeys away. */
  resetSecondFactors(ref: PersonRef): Promise<void> {
    return this.#send("DELETE", `${personPath(ref)}/second-factors`);
  }

  /** The answer holds a link to choose a new password with, this once. */
  createPasswordLink(ref: PersonRef): Promise<CreatedLink> {
    return this.#send("POST", `${personPath(ref)}/password-link`, {});
  }

  async listInvitations(signal?: AbortSignal): Promise<Invitation[]> {
    return (await this.#call<InvitationList>("/invitations", signal)).items;
  }

  /** The answer holds the link, this once; no mail is sent. */
  invitePerson(body: InvitePerson): Promise<CreatedLink> {
    return this.#send("POST", "/invitations", body);
  }

  removeInvitation(id: number): Promise<void> {
    return this.#send("DELETE", `/invitations/${id}`);
  }

  /** Asks to be let in by a person in a browser; needs no token. */
  startDeviceLogin(hostname: string): Promise<DeviceLogin> {
    return this.#send("POST", "/device/start", { hostname });
  }

  /** Whether the person has decided; the token, once. Ask every `intervalSeconds`. */
  pollDeviceLogin(deviceCode: string): Promise<DeviceLoginResult> {
    return this.#send("POST", "/device/poll", { deviceCode });
  }

  /** One page of the audit log, newest first unless asked otherwise; `next` is the `after` of the following one. */
  listAudit(query: AuditListQuery = {}, signal?: AbortSignal): Promise<AuditPage> {
    return this.#transport.json("/api/v1/audit", { query, ...(signal === undefined ? {} : { signal }) });
  }

  /** Entries of the audit log as they come, oldest first. */
  async *exportAudit(query: AuditExportQuery = {}, signal?: AbortSignal): AsyncGenerator<AuditEntry> {
    const init = { query, ...(signal === undefined ? {} : { signal }) };
    yield* readJsonLines<AuditEntry>(await this.#transport.openOk("/api/v1/audit/export", init));
  }

  /** Number and hash of the last entry: what to keep outside of the hub. */
  auditHead(signal?: AbortSignal): Promise<AuditHead> {
    return this.#call("/audit/head", signal);
  }

  /** Checks the whole audit log. `fromHead`: NUMBER:HASH that was kept. */
  verifyAudit(fromHead?: string, signal?: AbortSignal): Promise<AuditVerification> {
    const init = { query: { fromHead }, ...(signal === undefined ? {} : { signal }) };
    return this.#transport.json("/api/v1/audit/verify", init);
  }

  /** The lines of a recorded session (asciicast v2) of the audit entry with this number: the header, then events. */
  async *auditRecording(number: number, signal?: AbortSignal): AsyncGenerator {
    const init = signal === undefined ? {} : { signal };
    yield* readJsonLines(await this.#transport.openOk(`/api/v1/audit/${number}/recording`, init));
  }

  /** The hub's changes as they happen, resumed by itself when the connection breaks. See {@link StreamOptions}. */
  stream(options: StreamOptions = {}): AsyncGenerator<StreamMessage> {
    return readChanges(this.#transport, options);
  }

  /**
   * A call of an environment's Docker Engine API; `path` like `/v1.41/containers/json?all=1`.
   * The answer streams; one that is not 2xx is thrown with the engine's message. But 304 is no failure: to start what runs, or stop what
   * does not, has nothing to do.
   */
  async docker(ref: EnvironmentRef, path: string, init: CallInit = {}): Promise<Response> {
    const response = await this.#transport.open(`/api/v1${environmentPath(ref)}/docker${path}`, init);
    if (!response.ok && response.status !== 304) throw await this.#transport.errorOf(response);
    return response;
  }

  /** Where an environment's Docker Engine API is served; without a slash at the end. */
  dockerUrl(ref: EnvironmentRef): URL {
    return this.#transport.resolve(`/api/v1${environmentPath(ref)}/docker`);
  }

  /** The terminal WebSocket (`ws:` or `wss:`). Browsers append `access_token`; others send the header. */
  execUrl(ref: EnvironmentRef, options: ExecOptions): URL {
    return this.#transport.resolveSocket(`/api/v1${environmentPath(ref)}/exec`, { ...options });
  }

  /** The WebSocket with a container's log, see `LogsQuerySchema` of the protocol. Otherwise as {@link execUrl}. */
  logsUrl(ref: EnvironmentRef, options: LogsOptions): URL {
    return this.#transport.resolveSocket(`/api/v1${environmentPath(ref)}/logs`, { ...options });
  }

  /** The WebSocket with containers' live figures, see `WatchContainersSchema` of the protocol. Otherwise as {@link execUrl}. */
  containerStatsUrl(): URL {
    return this.#transport.resolveSocket("/api/v1/container-stats");
  }

  #call<T>(path: string, signal?: AbortSignal): Promise<T> {
    return this.#transport.json(`/api/v1${path}`, signal === undefined ? {} : { signal });
  }

  #send<T>(method: string, path: string, json?: unknown): Promise<T> {
    return this.#transport.json(`/api/v1${path}`, { method, ...(json === undefined ? {} : { json }) });
  }
}

function personPath(ref: PersonRef): string {
  return `/people/${encodeURIComponent(ref)}`;
}

function environmentPath(ref: EnvironmentRef): string {
  return `/environments/${encodeURIComponent(String(ref))}`;
}
