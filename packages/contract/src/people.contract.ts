import { AUDIT_ACTIONS, E164, ROLES, SCOPES } from "@call-ledger/domain";
import { z } from "zod";
import { documentSchema, idSchema, instantSchema, pageOf, pageQuery } from "./values.contract.ts";

export { AUDIT_ACTIONS };

const scopesSchema = z
  .array(z.enum(SCOPES))
  .describe("`webhooks:write` is reserved for outgoing webhooks. No route uses it yet.");

export const organizationSchema = z
  .object({ id: idSchema, name: z.string(), time_zone: z.string(), created_at: instantSchema })
  .meta({ id: "Organization" });

/** The caller's organization. */
export const ownOrganizationSchema = organizationSchema.extend({
  retention: z
    .object({
      payload_days: z.int().describe("The days for which the bodies of deliveries are kept."),
      event_days: z.int().describe("The days for which the timelines of calls are kept."),
    })
    .describe(
      "Calls, conversations and recordings are kept without a limit. The installation sets the days.",
    ),
});

/** The caller of the API. `organization` is `null` if the caller is the operator and has chosen no organization. */
export const meSchema = z
  .object({
    kind: z.enum(["member", "key", "operator"]),
    name: z.string().nullable(),
    email: z.string().nullable(),
    role: z.enum(ROLES).nullable(),
    is_operator: z.boolean(),
    organization: organizationSchema.nullable(),
    scopes: scopesSchema,
    can_send_test_calls: z.boolean().describe("True only for a service in development."),
  })
  .meta({ id: "Me" });

export const signInSchema = z.strictObject({ token: z.string().min(20).max(200) });

export const sessionSchema = z
  .object({
    id: idSchema,
    created_at: instantSchema,
    last_used_at: instantSchema,
    expires_at: instantSchema,
    user_agent: z.string().nullable(),
    is_this_one: z.boolean(),
  })
  .meta({ id: "Session" });

export const memberSchema = z
  .object({
    id: idSchema,
    email: z.string(),
    name: z.string().nullable(),
    role: z.enum(ROLES),
    created_at: instantSchema,
    last_seen_at: instantSchema
      .nullable()
      .describe("The last use of the newest session; `null`: the member has never signed in."),
  })
  .meta({ id: "Member" });

export const newMemberSchema = z.strictObject({
  email: z.email().max(200),
  name: z.string().trim().min(1).max(100).nullable().default(null),
  role: z.enum(ROLES),
});

export const memberChangeSchema = z.strictObject({
  name: z.string().trim().min(1).max(100).nullable().optional(),
  role: z.enum(ROLES).optional(),
});

/** A link that signs a person in once. `url` is shown only once. */
export const signInLinkSchema = z.object({ url: z.string(), expires_at: instantSchema });

export const invitedMemberSchema = z.object({ member: memberSchema, link: signInLinkSchema });

export const keySchema = z
  .object({
    id: idSchema,
    name: z.string().nullable(),
    prefix: z.string().describe("The first characters of the key, by which people recognise it."),
    scopes: scopesSchema,
    created_at: instantSchema,
    last_used_at: instantSchema.nullable(),
    revoked_at: instantSchema.nullable(),
  })
  .meta({ id: "ApiKey" });

export const newKeyRequestSchema = z.strictObject({
  name: z.string().trim().min(1).max(100),
  scopes: scopesSchema.min(1),
});

export const keyChangeSchema = z.strictObject({
  name: newKeyRequestSchema.shape.name.optional(),
  scopes: newKeyRequestSchema.shape.scopes.optional(),
});

/** A new API key. `key` is shown only once. */
export const newKeySchema = keySchema.extend({ key: z.string() });

export const agentSchema = z
  .object({
    id: idSchema,
    name: z.string().nullable(),
    provider: z.string(),
    account_id: idSchema,
    provider_agent_id: z.string(),
    provider_phone_number_id: z.string().nullable(),
    phone_number: z.string().nullable(),
    created_at: instantSchema,
    removed_at: instantSchema.nullable(),
    last_call_at: instantSchema.nullable(),
  })
  .meta({ id: "Agent" });

/** A provider account that has agents of the organization, or can have them. */
export const agentAccountSchema = z
  .object({
    id: idSchema,
    provider: z.string(),
    name: z.string().nullable(),
    is_platforms: z
      .boolean()
      .describe("Whether it is the platform's account, at which only the operator changes agents."),
  })
  .meta({ id: "AgentAccount" });

/** A new agent. Without `account_id` it belongs to the platform's account of `provider`. */
export const newAgentSchema = z.strictObject({
  provider: z.string().min(1).max(50).optional().describe("Default: the service's first provider."),
  account_id: idSchema.optional(),
  provider_agent_id: z.string().trim().min(1).max(200),
  provider_phone_number_id: z.string().trim().min(1).max(200).nullable().default(null),
  phone_number: z.string().regex(E164, "Give a number in the form +14155550123.").nullable().default(null),
  name: z.string().trim().min(1).max(100).nullable().default(null),
});

export const agentChangeSchema = z.strictObject({
  name: z.string().trim().min(1).max(100).nullable().optional(),
  phone_number: newAgentSchema.shape.phone_number.unwrap().optional(),
  provider_phone_number_id: newAgentSchema.shape.provider_phone_number_id.unwrap().optional(),
});

export const organizationChangeSchema = z.strictObject({
  name: z.string().trim().min(1).max(200).optional(),
  time_zone: z.string().min(1).max(64).optional().describe("A name of the IANA time zone database."),
});

export const newOrganizationSchema = z.strictObject({
  name: z.string().trim().min(1).max(200),
  time_zone: z.string().min(1).max(64).default("UTC"),
});

export const auditEntrySchema = z
  .object({
    id: idSchema,
    at: instantSchema,
    actor: z.object({
      kind: z.enum(["member", "key", "operator", "system"]),
      id: z.string().nullable(),
      name: z.string().nullable(),
    }),
    action: z.string().describe(`One of ${AUDIT_ACTIONS.map((action) => `\`${action}\``).join(", ")}.`),
    object: z.object({
      kind: z.string(),
      id: z.string().nullable(),
      name: z
        .string()
        .nullable()
        .describe("The object's present name, or a call's customer; `null`: it has none, or is gone."),
    }),
    before: documentSchema,
    after: documentSchema,
  })
  .meta({ id: "AuditEntry" });

export const auditQuery = z.object(pageQuery);
export const auditPageSchema = pageOf(auditEntrySchema);

export type Me = z.output<typeof meSchema>;
export type Member = z.output<typeof memberSchema>;
export type ApiKeyInfo = z.output<typeof keySchema>;
export type Agent = z.output<typeof agentSchema>;
export type AgentAccount = z.output<typeof agentAccountSchema>;
export type Organization = z.output<typeof organizationSchema>;
export type Session = z.output<typeof sessionSchema>;
export type AuditEntry = z.output<typeof auditEntrySchema>;
