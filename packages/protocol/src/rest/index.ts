/** Shapes of the hub's REST API, one TypeBox definition each: type, validator and OpenAPI come from it. */
export * from "./access.ts";
export * from "./audit.ts";
export * from "./container-logs.ts";
export * from "./container-stats.ts";
export * from "./environment.ts";
export * from "./history.ts";
export * from "./people.ts";
export * from "./role.ts";
export * from "./joining.ts";
export * from "./settings.ts";
