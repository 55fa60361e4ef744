import { SCOPES } from "@call-ledger/domain";
import { sql } from "drizzle-orm";
import type { AnyPgColumn } from "drizzle-orm/pg-core";
import {
  check,
  customType,
  foreignKey,
  index,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";

export const bytea = customType<{ data: Buffer }>({ dataType: () => "bytea" });

/** The values of a check as a list of literals. */
export const oneOf = (values: readonly string[]) => sql.raw(values.map((value) => `'${value}'`).join(", "));

export const instant = (name: string) => timestamp(name, { withTimezone: true });
const createdAt = () => instant("created_at").notNull().defaultNow();
const updatedAt = () => instant("updated_at").notNull().defaultNow();

/** The organizations of the installation. */
export const organizations = pgTable(
  "organizations",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    name: text("name").notNull(),
    /** The time zone of its days: a name of the IANA time zone database, such as `Europe/Berlin`. */
    timeZone: text("time_zone").notNull().default("UTC"),
    createdAt: createdAt(),
  },
  (t) => [
    check("organizations_name_not_empty", sql`${t.name} <> ''`),
    // The form excludes POSIX rules such as `XYZ+3`, which Postgres accepts. A name that Postgres does not know raises
    // 22023.
    check(
      "organizations_time_zone_named",
      sql`${t.timeZone} ~ '^(UTC|[A-Z][A-Za-z]+(/[A-Z][A-Za-z_-]+)+)$' and timezone(${t.timeZone}, 'epoch'::timestamptz) is not null`,
    ),
  ],
);

/** Credentials at a provider. `org_id` null is the platform's own account, one for each provider. */
export const providerAccounts = pgTable(
  "provider_accounts",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    orgId: uuid("org_id"),
    provider: text("provider").notNull(),
    name: text("name"),
    /** Encrypted secrets, newest first. Two are valid during a rotation. */
    webhookSecrets: bytea("webhook_secrets").array(),
    /** The account's own way of verification; null for the provider's usual way. */
    verification: jsonb("verification"),
    /** The encrypted API key. */
    apiKey: bytea("api_key"),
    /** Hosts from which its recordings may be fetched beside its provider's hosts: host names and `*.name`. */
    recordingHosts: text("recording_hosts").array().notNull().default(sql`'{}'`),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    uniqueIndex("provider_accounts_one_platform_account").on(t.provider).where(sql`${t.orgId} is null`),
    index("provider_accounts_org_id_idx").on(t.orgId),
    ofOrganization("provider_accounts", t.orgId),
    check("provider_accounts_recording_hosts_bounded", sql`cardinality(${t.recordingHosts}) <= 20`),
    check("provider_accounts_two_secrets_at_most", sql`cardinality(${t.webhookSecrets}) <= 2`),
  ],
);

/** A provider's assistant, our number, and their organization. */
export const agents = pgTable(
  "agents",
  {
    id: uuid("id").notNull().defaultRandom(),
    orgId: uuid("org_id").notNull(),
    providerAccountId: uuid("provider_account_id").notNull(),
    providerAgentId: text("provider_agent_id").notNull(),
    providerPhoneNumberId: text("provider_phone_number_id"),
    phoneNumber: text("phone_number"),
    name: text("name"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    deletedAt: instant("deleted_at"),
  },
  (t) => [
    primaryKey({ name: "agents_pkey", columns: [t.orgId, t.id] }),
    uniqueIndex("agents_one_live_provider_agent")
      .on(t.providerAccountId, t.providerAgentId)
      .where(sql`${t.deletedAt} is null`),
    uniqueIndex("agents_one_live_phone_number")
      .on(t.providerAccountId, t.phoneNumber)
      .where(sql`${t.deletedAt} is null`),
    uniqueIndex("agents_one_live_provider_phone_number")
      .on(t.providerAccountId, t.providerPhoneNumberId)
      .where(sql`${t.deletedAt} is null`),
    // Removed agents are looked for, too.
    index("agents_provider_agent_idx").on(t.providerAccountId, t.providerAgentId),
    index("agents_phone_number_idx").on(t.providerAccountId, t.phoneNumber),
    index("agents_provider_phone_number_idx").on(t.providerAccountId, t.providerPhoneNumberId),
    ofOrganization("agents", t.orgId),
    ofAccount("agents", t.providerAccountId),
    check("agents_provider_agent_id_bounded", sql`length(${t.providerAgentId}) between 1 and 200`),
    check("agents_phone_number_e164", sql`${t.phoneNumber} ~ '^\\+[1-9][0-9]{1,14}$'`),
  ],
);

/** Hashed keys of organizations, and of the operator if `org_id` is null. */
export const apiKeys = pgTable(
  "api_keys",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    orgId: uuid("org_id"),
    name: text("name"),
    /** The first characters of the key, by which people recognise it. */
    prefix: text("prefix").notNull(),
    keyHash: bytea("key_hash").notNull(),
    scopes: text("scopes").array().notNull(),
    createdAt: createdAt(),
    lastUsedAt: instant("last_used_at"),
    revokedAt: instant("revoked_at"),
  },
  (t) => [
    uniqueIndex("api_keys_key_hash_key").on(t.keyHash),
    index("api_keys_org_id_idx").on(t.orgId),
    ofOrganization("api_keys", t.orgId),
    check("api_keys_key_hash_is_sha256", sql`octet_length(${t.keyHash}) = 32`),
    check("api_keys_scopes_known", sql`${t.scopes} <@ array[${oneOf(SCOPES)}]`),
  ],
);

export { createdAt, updatedAt };

/** The foreign key of a table whose rows belong to an organization. */
export const ofOrganization = (table: string, orgId: AnyPgColumn) =>
  foreignKey({ name: `${table}_org_id_fkey`, columns: [orgId], foreignColumns: [organizations.id] });

/** The foreign key of a table whose rows belong to a provider account. */
export const ofAccount = (table: string, accountId: AnyPgColumn) =>
  foreignKey({
    name: `${table}_provider_account_fkey`,
    columns: [accountId],
    foreignColumns: [providerAccounts.id],
  });
