/** Figures of one container at one time; what cannot be had is absent. CPU as `docker stats` tells it: 100 is one core. */
export interface ContainerSample {
  readonly at: string;
  readonly cpuPercent?: number;
  readonly memoryBytes?: number;
  readonly memoryLimitBytes?: number;
  readonly pids?: number;
  readonly networkRxBytes?: number;
  readonly networkTxBytes?: number;
  readonly blockReadBytes?: number;
  readonly blockWriteBytes?: number;
}

/** The newest figures of one container; undefined until the first comes. */
export function useContainerSample(_environmentId: number, _containerId: string): ContainerSample | undefined {
  return undefined;
}
