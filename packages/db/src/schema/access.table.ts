import { ROLES } from "@call-ledger/domain";
import { sql } from "drizzle-orm";
import type { AnyPgColumn } from "drizzle-orm/pg-core";
import {
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { ofCall } from "./calls.table.ts";
import {
  bytea,
  createdAt,
  instant,
  ofAccount,
  ofOrganization,
  oneOf,
  updatedAt,
} from "./organizations.table.ts";

/** The people of an organization. A removed member stays, so that the audit can name the author of a change. */
export const members = pgTable(
  "members",
  {
    orgId: uuid("org_id").notNull(),
    id: uuid("id").notNull().defaultRandom(),
    email: text("email").notNull(),
    name: text("name"),
    role: text("role").notNull(),
    createdAt: createdAt(),
    removedAt: instant("removed_at"),
  },
  (t) => [
    primaryKey({ name: "members_pkey", columns: [t.orgId, t.id] }),
    uniqueIndex("members_one_live_email")
      .on(t.orgId, sql`lower(${t.email})`)
      .where(sql`${t.removedAt} is null`),
    ofOrganization("members", t.orgId),
    check(
      "members_email_formed",
      sql`${t.email} ~ '^[^@[:space:]]+@[^@[:space:]]+$' and length(${t.email}) <= 254`,
    ),
    check("members_name_bounded", sql`length(${t.name}) between 1 and 200`),
    check("members_role_known", sql`${t.role} in (${oneOf(ROLES)})`),
  ],
);

/** A signed-in browser: of a member, or of the operator if `org_id` is null. */
export const sessions = pgTable(
  "sessions",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    /** SHA-256 of the cookie's token. */
    tokenHash: bytea("token_hash").notNull(),
    orgId: uuid("org_id"),
    memberId: uuid("member_id"),
    userAgent: text("user_agent"),
    createdAt: createdAt(),
    lastUsedAt: instant("last_used_at").notNull().defaultNow(),
    /** Extended while the session is used. */
    expiresAt: instant("expires_at").notNull(),
    revokedAt: instant("revoked_at"),
  },
  (t) => [
    uniqueIndex("sessions_token_hash_key").on(t.tokenHash),
    index("sessions_member_idx").on(t.orgId, t.memberId),
    ofMember("sessions", t.orgId, t.memberId),
    check("sessions_token_hash_is_sha256", sql`octet_length(${t.tokenHash}) = 32`),
    check("sessions_member_of_organization", sql`(${t.orgId} is null) = (${t.memberId} is null)`),
    check("sessions_user_agent_bounded", sql`length(${t.userAgent}) <= 500`),
  ],
);

/** A link that becomes a session once. */
export const signInLinks = pgTable(
  "sign_in_links",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    /** SHA-256 of the link's token. */
    tokenHash: bytea("token_hash").notNull(),
    orgId: uuid("org_id"),
    memberId: uuid("member_id"),
    createdAt: createdAt(),
    expiresAt: instant("expires_at").notNull(),
    usedAt: instant("used_at"),
  },
  (t) => [
    uniqueIndex("sign_in_links_token_hash_key").on(t.tokenHash),
    index("sign_in_links_member_idx").on(t.orgId, t.memberId),
    ofMember("sign_in_links", t.orgId, t.memberId),
    check("sign_in_links_token_hash_is_sha256", sql`octet_length(${t.tokenHash}) = 32`),
    check("sign_in_links_member_of_organization", sql`(${t.orgId} is null) = (${t.memberId} is null)`),
  ],
);

/** The changes and their authors. Rows are added and never changed. `org_id` null: a change of the installation. */
export const auditEntries = pgTable(
  "audit_entries",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    orgId: uuid("org_id"),
    actorKind: text("actor_kind").notNull(),
    /** The id of the member or the key; null for the system and for a person who works with the database's owner. */
    actorId: uuid("actor_id"),
    /** The name at the time of the change. */
    actorName: text("actor_name"),
    /** A name such as `member.invite`. */
    action: text("action").notNull(),
    objectKind: text("object_kind").notNull(),
    objectId: text("object_id"),
    /** The changed object before and after, without secrets. */
    before: jsonb("before"),
    after: jsonb("after"),
    at: instant("at").notNull().defaultNow(),
  },
  (t) => [
    index("audit_entries_newest_idx").on(t.orgId, t.at, t.id),
    ofOrganization("audit_entries", t.orgId),
    check("audit_entries_actor_known", sql`${t.actorKind} in ('member', 'key', 'operator', 'system')`),
  ],
);

/** Requests with an Idempotency-Key, and their replies. */
export const idempotencyKeys = pgTable(
  "idempotency_keys",
  {
    /** The API key or session. The same key of two credentials is two keys. */
    credentialId: uuid("credential_id").notNull(),
    key: text("key").notNull(),
    orgId: uuid("org_id"),
    /** SHA-256 of the method, path and body. Another request with the same key is refused. */
    requestHash: bytea("request_hash").notNull(),
    /** Null while the first request runs. */
    status: integer("status"),
    /** Encrypted with the credential's token, because a reply can contain a secret that is shown only once. */
    response: bytea("response"),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ name: "idempotency_keys_pkey", columns: [t.credentialId, t.key] }),
    index("idempotency_keys_created_at_idx").on(t.createdAt),
    ofOrganization("idempotency_keys", t.orgId),
    check("idempotency_keys_key_bounded", sql`length(${t.key}) between 1 and 255`),
  ],
);

/** The annotations that people add to a call. They are not in the layers, which providers write. */
export const callAnnotations = pgTable(
  "call_annotations",
  {
    orgId: uuid("org_id").notNull(),
    callId: uuid("call_id").notNull(),
    tags: text("tags").array().notNull().default(sql`'{}'`),
    note: text("note"),
    /** The call's id in a system of the organization, such as its CRM. */
    externalRef: text("external_ref"),
    externalUrl: text("external_url"),
    updatedAt: updatedAt(),
    /** The name of the member or key. */
    updatedBy: text("updated_by"),
  },
  (t) => [
    primaryKey({ name: "call_annotations_pkey", columns: [t.orgId, t.callId] }),
    index("call_annotations_tags_idx").using("gin", t.tags),
    index("call_annotations_external_ref_idx")
      .on(t.orgId, t.externalRef)
      .where(sql`${t.externalRef} is not null`),
    ofCall("call_annotations", t.orgId, t.callId),
    check("call_annotations_tags_bounded", sql`cardinality(${t.tags}) <= 20`),
    check("call_annotations_note_bounded", sql`length(${t.note}) <= 10000`),
    check("call_annotations_external_ref_bounded", sql`length(${t.externalRef}) between 1 and 200`),
    check(
      "call_annotations_external_url_is_web",
      sql`${t.externalUrl} ~ '^https?://' and length(${t.externalUrl}) <= 2000`,
    ),
  ],
);

/** A link that shows one call to everybody who has it, until it expires. Its token names the organization. */
export const shareLinks = pgTable(
  "share_links",
  {
    orgId: uuid("org_id").notNull(),
    id: uuid("id").notNull().defaultRandom(),
    callId: uuid("call_id").notNull(),
    /** SHA-256 of the token. */
    tokenHash: bytea("token_hash").notNull(),
    /** The name of the member or key. */
    createdBy: text("created_by"),
    createdAt: createdAt(),
    expiresAt: instant("expires_at").notNull(),
    revokedAt: instant("revoked_at"),
  },
  (t) => [
    primaryKey({ name: "share_links_pkey", columns: [t.orgId, t.id] }),
    index("share_links_call_idx").on(t.orgId, t.callId),
    ofCall("share_links", t.orgId, t.callId),
    check("share_links_token_hash_is_sha256", sql`octet_length(${t.tokenHash}) = 32`),
  ],
);

/** Whether the deliveries of a provider account verify, for the person who connects the account. */
export const accountContacts = pgTable(
  "account_contacts",
  {
    providerAccountId: uuid("provider_account_id").primaryKey(),
    firstVerifiedAt: instant("first_verified_at"),
    lastVerifiedAt: instant("last_verified_at"),
    lastRefusedAt: instant("last_refused_at"),
    /** Why the last refused delivery was refused. */
    lastRefusal: text("last_refusal"),
  },
  (t) => [
    ofAccount("account_contacts", t.providerAccountId).onDelete("cascade"),
    check("account_contacts_refusal_bounded", sql`length(${t.lastRefusal}) <= 200`),
  ],
);

/** The foreign key of a table whose rows belong to a member. */
function ofMember(table: string, orgId: AnyPgColumn, memberId: AnyPgColumn) {
  return foreignKey({
    name: `${table}_member_fkey`,
    columns: [orgId, memberId],
    foreignColumns: [members.orgId, members.id],
  });
}
