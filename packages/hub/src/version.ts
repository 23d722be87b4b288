import manifest from "../package.json" with { type: "json" };

/** Version of this hub. */
export const HUB_VERSION: string = manifest.version;
