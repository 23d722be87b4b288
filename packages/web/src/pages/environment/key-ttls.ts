/** How long a join key can be used, in seconds; a week is the hub's limit. */
export const KEY_TTLS = [
  { value: "600", label: "10 minutes" },
  { value: "3600", label: "an hour" },
  { value: "86400", label: "a day" },
  { value: "604800", label: "a week" },
];

/** As the hub's own: time to paste a line on a host. */
export const DEFAULT_KEY_TTL = "3600";
