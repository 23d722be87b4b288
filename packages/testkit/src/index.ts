export { busyboxRootTar } from "./busybox-image.ts";
export { type ConnectProxy, type ConnectProxyCall, startConnectProxy } from "./connect-proxy.ts";
export { type Dockerd, type DockerdOptions, startDockerd } from "./dockerd.ts";
export {
  type AgentProgram,
  cleanEnvironment,
  fairleadBin,
  type HubProgram,
  repositoryRoot,
  type RestartableProgram,
  startAgent,
  type StartAgentOptions,
  startHub,
  type StartHubOptions,
} from "./fairlead-programs.ts";
export {
  FakeEngine,
  type FakeEngineCall,
  type FakeEngineHandler,
  type FakeEngineRequest,
  startFakeEngine,
} from "./fake-engine.ts";
export type { EngineFault } from "./fake-engine-faults.ts";
export type { FakeEvent } from "./fake-event-feed.ts";
export {
  type Direction,
  FaultyNetwork,
  type GarbageInjection,
  type NetworkTarget,
  startFaultyNetwork,
} from "./faulty-network.ts";
export { LegacyAgent, type LegacyAgentDialect, type LegacyAgentOptions, startLegacyAgent } from "./legacy-agent.ts";
export type { LegacyComposeAnswer } from "./legacy-agent-requests.ts";
export type { LegacyAnswer } from "./legacy-engine.ts";
export { LegacyHub, type LegacyHubDialect, type LegacyHubOptions, startLegacyHub } from "./legacy-hub.ts";
export type {
  LegacyExec,
  LegacyHubConnection,
  LegacyRequestOptions,
  LegacyResponse,
  LegacyStream,
} from "./legacy-hub-connection.ts";
export { newSecret, registerSecret } from "./leaked-secrets.ts";
export { type Nginx, startNginx } from "./nginx.ts";
export { patternBytes, patternSha256 } from "./pattern.ts";
export { type Program, type ProgramExit, type ProgramMemory, type ProgramOptions, startProgram } from "./program.ts";
export { type RunOptions, type RunResult, runCommand } from "./run-command.ts";
export { type SeededRandom, seededRandom } from "./seeded-random.ts";
export { type TempDir, tempDir } from "./temp-dir.ts";
export {
  type CertificateFiles,
  type CertificateOptions,
  makeTestCertificates,
  type TestCertificates,
} from "./test-certificates.ts";
export { totpCode, untilStepLasts } from "./totp-code.ts";
export {
  type DockerTarget,
  download,
  type DownloadOptions,
  echo,
  type Transfer,
  upload,
  type UploadOptions,
} from "./transfers.ts";
export { waitFor, type WaitForOptions } from "./wait-for.ts";
export type { Side, WireClose, WireConnection, WireMessage, WireRecord } from "./wire-connection.ts";
