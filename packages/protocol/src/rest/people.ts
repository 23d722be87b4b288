/** REST schemas of people: who they are, how they get in, and what they have to sign in with. */
import Type, { type Static } from "typebox";
import { EffectiveGrantSchema, RoleBindingSchema } from "./role.ts";

const Time = Type.String({ format: "date-time" });
const Nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const Email = Type.String({ minLength: 3, maxLength: 254, pattern: "^[^\\s@]+@[^\\s@]+$" });
const PersonName = Type.String({ minLength: 1, maxLength: 128 });
/** Rules that a person reads about are checked by the hub; this only keeps the absurd out. */
const Password = Type.String({ maxLength: 1024 });
const LinkSecret = Type.String({ minLength: 1, maxLength: 128, description: "What stands after # in the link." });

export const PersonSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  email: Type.String(),
  disabled: Type.Boolean(),
  twoFactor: Type.Boolean({ description: "Asked for a code after the password." }),
  passkeys: Type.Integer(),
  /** Names of the ways in: password, oidc. */
  signIn: Type.Array(Type.Union([Type.Literal("password"), Type.Literal("oidc")])),
  createdAt: Time,
  lastSeenAt: Nullable(Time),
});
export type Person = Static<typeof PersonSchema>;

export const PersonListSchema = Type.Object({ items: Type.Array(PersonSchema) });
export type PersonList = Static<typeof PersonListSchema>;

export const UpdatePersonSchema = Type.Object(
  { name: Type.Optional(PersonName), disabled: Type.Optional(Type.Boolean()) },
  { additionalProperties: false },
);
export type UpdatePerson = Static<typeof UpdatePersonSchema>;

export const InvitePersonSchema = Type.Object(
  {
    email: Email,
    name: Type.Optional(PersonName),
    roles: Type.Optional(
      Type.Array(RoleBindingSchema, { maxItems: 100, description: "What the person gets with the invitation." }),
    ),
  },
  { additionalProperties: false },
);
export type InvitePerson = Static<typeof InvitePersonSchema>;

export const InvitationSchema = Type.Object({
  id: Type.Integer(),
  email: Type.String(),
  name: Nullable(Type.String()),
  roles: Type.Array(RoleBindingSchema),
  createdAt: Time,
  expiresAt: Time,
});
export type Invitation = Static<typeof InvitationSchema>;

export const InvitationListSchema = Type.Object({ items: Type.Array(InvitationSchema) });
export type InvitationList = Static<typeof InvitationListSchema>;

/** `url` is shown this once: whoever has it gets in. */
export const CreatedLinkSchema = Type.Object({ url: Type.String(), expiresAt: Time });
export type CreatedLink = Static<typeof CreatedLinkSchema>;

export const CreateFirstAdminSchema = Type.Object(
  { token: LinkSecret, name: PersonName, email: Email, password: Password },
  { additionalProperties: false },
);
export type CreateFirstAdmin = Static<typeof CreateFirstAdminSchema>;

export const ShowLinkSchema = Type.Object({ token: LinkSecret }, { additionalProperties: false });
export const LinkSchema = Type.Object({
  kind: Type.Union([Type.Literal("invitation"), Type.Literal("password")]),
  email: Type.String(),
  name: Type.String(),
});
export type Link = Static<typeof LinkSchema>;

export const AcceptLinkSchema = Type.Object(
  { token: LinkSecret, name: Type.Optional(PersonName), password: Password },
  { additionalProperties: false },
);
export type AcceptLink = Static<typeof AcceptLinkSchema>;

export const SignInMethodsSchema = Type.Object({
  /** Name of the OIDC provider to show. */
  oidc: Nullable(Type.String()),
});
export type SignInMethods = Static<typeof SignInMethodsSchema>;

export const PasskeySchema = Type.Object({ id: Type.String(), name: Type.String(), createdAt: Nullable(Time) });
export type Passkey = Static<typeof PasskeySchema>;

export const SessionSchema = Type.Object({
  id: Type.String(),
  current: Type.Boolean({ description: "The one that asks." }),
  address: Nullable(Type.String()),
  userAgent: Nullable(Type.String()),
  createdAt: Time,
  lastSeenAt: Time,
  expiresAt: Time,
});
export type PersonSession = Static<typeof SessionSchema>;

/** What is only there for a person, not for a token of the hub's own, is null. */
export const MeSchema = Type.Object({
  kind: Type.Union([Type.Literal("person"), Type.Literal("token")]),
  id: Type.String(),
  name: Type.String({ description: "The person's e-mail address, or the token's name." }),
  person: Nullable(PersonSchema),
  grants: Type.Array(EffectiveGrantSchema, {
    description:
      "What the caller may do now: roles as their permissions, a token's held to what its owner may. Each place is there once.",
  }),
  passkeys: Type.Array(PasskeySchema),
  sessions: Type.Array(SessionSchema),
});
export type Me = Static<typeof MeSchema>;

/** Device login after RFC 8628, in JSON. */
export const StartDeviceLoginSchema = Type.Object(
  {
    hostname: Type.String({
      minLength: 1,
      maxLength: 100,
      description: "Of the machine that asks; shown to the person.",
    }),
  },
  { additionalProperties: false },
);
export type StartDeviceLogin = Static<typeof StartDeviceLoginSchema>;

export const DeviceLoginSchema = Type.Object({
  deviceCode: Type.String({ description: "For the program alone: whoever has it gets the token." }),
  userCode: Type.String({ description: "For the person to compare or type." }),
  verificationUrl: Type.String(),
  verificationUrlComplete: Type.String({ description: "With the code in it." }),
  expiresInSeconds: Type.Integer(),
  intervalSeconds: Type.Integer({ description: "Least time between two polls." }),
});
export type DeviceLogin = Static<typeof DeviceLoginSchema>;

export const PollDeviceLoginSchema = Type.Object(
  { deviceCode: Type.String({ minLength: 1, maxLength: 128 }) },
  { additionalProperties: false },
);

/** `token` is given once, to the first poll after the person allowed it. */
export const DeviceLoginResultSchema = Type.Union([
  Type.Object({ status: Type.Literal("pending"), intervalSeconds: Type.Integer() }),
  Type.Object({ status: Type.Literal("denied") }),
  Type.Object({ status: Type.Literal("expired") }),
  Type.Object({
    status: Type.Literal("approved"),
    token: Type.String(),
    tokenName: Type.String(),
    email: Type.String(),
  }),
]);
export type DeviceLoginResult = Static<typeof DeviceLoginResultSchema>;

const UserCode = Type.String({ minLength: 1, maxLength: 32 });
export const DeviceRequestQuerySchema = Type.Object({ code: UserCode });
export const DecideDeviceLoginSchema = Type.Object(
  { userCode: UserCode, allow: Type.Boolean() },
  { additionalProperties: false },
);
/** What a program asks for, as the person sees it. */
export const DeviceRequestSchema = Type.Object({
  hostname: Type.String(),
  address: Type.String(),
  createdAt: Time,
  expiresAt: Time,
});
export type DeviceRequest = Static<typeof DeviceRequestSchema>;
