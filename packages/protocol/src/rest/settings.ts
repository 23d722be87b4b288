/** REST schema of what a hub runs with. */
import Type, { type Static } from "typebox";

export const HubSettingSchema = Type.Object({
  name: Type.String({ description: "As in retention.events; each is always there." }),
  value: Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Array(Type.String()), Type.Null()], {
    description: "Null: not set.",
  }),
  variable: Type.Union([Type.String(), Type.Null()], {
    description: "The environment variable that sets it at the hub's start. Null: nothing sets it.",
  }),
  description: Type.String({ description: "For people." }),
});
export type HubSetting = Static<typeof HubSettingSchema>;

/** Without secrets. */
export const HubSettingListSchema = Type.Object({ items: Type.Array(HubSettingSchema) });
export type HubSettingList = Static<typeof HubSettingListSchema>;
