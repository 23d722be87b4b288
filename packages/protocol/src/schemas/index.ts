/** TypeBox schemas of the wire, for tools and documentation; the codec runs on validators generated from them. */
export { WIRE, acceptedSchema, HostMetricsSchema, ContainerEventSchema } from "./wire.ts";
export { FRAMES } from "./frames.ts";
