/** What the engine tells of one container: the fields that this page reads; field names are Docker's. */
export interface ContainerInspect {
  readonly Id: string;
  /** With the slash that Docker puts before it. */
  readonly Name: string;
  readonly Created: string;
  readonly Path: string;
  readonly Args: readonly string[];
  readonly State: ContainerState;
  /** Id of the image that it was made from. */
  readonly Image: string;
  readonly RestartCount: number;
  readonly Driver: string;
  readonly Platform: string;
  readonly Config: ContainerConfig;
  readonly HostConfig: HostConfig;
  readonly Mounts: readonly MountPoint[] | null;
  readonly NetworkSettings: {
    readonly Ports?: PortMap | null;
    readonly Networks?: Readonly<Record<string, Endpoint>> | null;
  };
}

export interface ContainerState {
  readonly Status: string;
  readonly Running: boolean;
  readonly Paused: boolean;
  readonly OOMKilled: boolean;
  readonly Pid: number;
  readonly ExitCode: number;
  readonly Error: string;
  /** Go's zero time when it never was. */
  readonly StartedAt: string;
  readonly FinishedAt: string;
  readonly Health?: {
    readonly Status: string;
    readonly FailingStreak: number;
    /** Oldest first. */
    readonly Log: readonly HealthProbe[] | null;
  };
}

export interface HealthProbe {
  readonly Start: string;
  readonly End: string;
  readonly ExitCode: number;
  readonly Output: string;
}

export interface ContainerConfig {
  readonly Hostname?: string;
  readonly User?: string;
  readonly Env?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly Entrypoint?: readonly string[] | null;
  readonly Image: string;
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly Volumes?: Readonly<Record<string, unknown>> | null;
  readonly ExposedPorts?: Readonly<Record<string, unknown>> | null;
  readonly [field: string]: unknown;
}

export interface HostConfig {
  readonly AutoRemove?: boolean;
  readonly Binds?: readonly string[] | null;
  readonly CapAdd?: readonly string[] | null;
  readonly CapDrop?: readonly string[] | null;
  readonly CpuShares?: number;
  readonly CpuPeriod?: number;
  readonly CpuQuota?: number;
  readonly CpusetCpus?: string;
  readonly Devices?: readonly DeviceMapping[] | null;
  readonly IpcMode?: string;
  readonly Links?: readonly string[] | null;
  readonly LogConfig?: { readonly Type: string; readonly Config?: Readonly<Record<string, string>> | null };
  readonly Memory?: number;
  readonly MemorySwap?: number;
  readonly Mounts?: readonly MountRequest[] | null;
  readonly NanoCpus?: number;
  readonly NetworkMode?: string;
  readonly PidMode?: string;
  readonly PidsLimit?: number | null;
  readonly PortBindings?: PortMap | null;
  readonly Privileged?: boolean;
  readonly ReadonlyRootfs?: boolean;
  readonly RestartPolicy?: RestartPolicy | null;
  readonly SecurityOpt?: readonly string[] | null;
  readonly Tmpfs?: Readonly<Record<string, string>> | null;
  readonly UsernsMode?: string;
  readonly UTSMode?: string;
  readonly VolumesFrom?: readonly string[] | null;
  readonly [field: string]: unknown;
}

export interface RestartPolicy {
  readonly Name: string;
  readonly MaximumRetryCount?: number;
}

export interface DeviceMapping {
  readonly PathOnHost: string;
  readonly PathInContainer: string;
  readonly CgroupPermissions: string;
}

/** What is mounted, and where. */
export interface MountPoint {
  readonly Type: string;
  /** Of a volume. */
  readonly Name?: string;
  readonly Source: string;
  readonly Destination: string;
  readonly Driver?: string;
  readonly Mode?: string;
  readonly RW: boolean;
  readonly Propagation?: string;
}

/** A mount as it was asked for. */
export interface MountRequest {
  readonly Type?: string;
  readonly Source?: string;
  readonly Target?: string;
  readonly ReadOnly?: boolean;
  readonly [field: string]: unknown;
}

export type PortMap = Readonly<Record<string, readonly PortBinding[] | null>>;

export interface PortBinding {
  readonly HostIp?: string;
  readonly HostPort?: string;
}

export interface Endpoint {
  readonly NetworkID?: string;
  readonly IPAddress?: string;
  readonly IPPrefixLen?: number;
  readonly GlobalIPv6Address?: string;
  readonly Gateway?: string;
  readonly MacAddress?: string;
  readonly Aliases?: readonly string[] | null;
  readonly Links?: readonly string[] | null;
  readonly DriverOpts?: Readonly<Record<string, string>> | null;
  readonly IPAMConfig?: Readonly<Record<string, unknown>> | null;
}

/** What an image brings to the containers that are made from it. */
export interface ImageConfig {
  readonly Config?: Partial<ContainerConfig> | null;
}
