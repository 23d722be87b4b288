/** How much is measured. */
export interface Sizes {
  /** Figures are medians of so many. */
  readonly runs: number;
  readonly bulkBytes: number;
  readonly sequentialRequests: number;
  readonly concurrentRequests: number;
  readonly pings: number;
  readonly keystrokes: number;
  readonly longPathBytes: number;
  readonly downloads: number;
  readonly downloadBytes: number;
  /** Of the web page's fleet. */
  readonly webHosts: number;
  readonly webContainersPerHost: number;
  readonly webEventsPerSecond: number;
  /** Typed into the page's filter. */
  readonly webKeys: number;
}

/** What figures are made with. */
export const FULL: Sizes = {
  runs: 5,
  bulkBytes: 1024 ** 3,
  sequentialRequests: 3_000,
  concurrentRequests: 10_000,
  pings: 2_000,
  keystrokes: 500,
  longPathBytes: 400_000_000,
  downloads: 500,
  downloadBytes: 10_000_000,
  webHosts: 200,
  webContainersPerHost: 25,
  webEventsPerSecond: 500,
  webKeys: 120,
};

/** To see in a minute that every bench runs: the figures mean nothing. */
export const QUICK: Sizes = {
  runs: 2,
  bulkBytes: 8 * 1024 ** 2,
  sequentialRequests: 100,
  concurrentRequests: 500,
  pings: 100,
  keystrokes: 50,
  longPathBytes: 20_000_000,
  downloads: 20,
  downloadBytes: 1_000_000,
  webHosts: 8,
  webContainersPerHost: 25,
  webEventsPerSecond: 20,
  webKeys: 24,
};
