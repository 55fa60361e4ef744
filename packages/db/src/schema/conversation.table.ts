import { PROMPT_HASH_LENGTH } from "@call-ledger/domain";
import { sql } from "drizzle-orm";
import { check, foreignKey, index, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { ofCall } from "./calls.table.ts";
import { createdAt, instant, ofOrganization } from "./organizations.table.ts";

/** Final transcript segments, a grow-only set. */
export const callTranscripts = pgTable(
  "call_transcripts",
  {
    orgId: uuid("org_id").notNull(),
    callId: uuid("call_id").notNull(),
    fingerprint: text("fingerprint").notNull(),
    role: text("role").notNull(),
    text: text("text").notNull(),
    occurredAt: instant("occurred_at"),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ name: "call_transcripts_pkey", columns: [t.orgId, t.callId, t.fingerprint] }),
    ofCall("call_transcripts", t.orgId, t.callId),
  ],
);

/** System prompts, each once for an organization, because they are the same in every call of an agent. */
export const prompts = pgTable(
  "prompts",
  {
    orgId: uuid("org_id").notNull(),
    /** The hash in references: 128 bits of the text's SHA-256, base64url. */
    hash: text("hash").notNull(),
    text: text("text").notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ name: "prompts_pkey", columns: [t.orgId, t.hash] }),
    ofOrganization("prompts", t.orgId),
    check("prompts_hash_bounded", sql`length(${t.hash}) = ${sql.raw(String(PROMPT_HASH_LENGTH))}`),
  ],
);

/** The prompts to which each call refers, in its payloads or its columns; a grow-only set. */
export const callPrompts = pgTable(
  "call_prompts",
  {
    orgId: uuid("org_id").notNull(),
    callId: uuid("call_id").notNull(),
    hash: text("hash").notNull(),
  },
  (t) => [
    primaryKey({ name: "call_prompts_pkey", columns: [t.orgId, t.callId, t.hash] }),
    ofCall("call_prompts", t.orgId, t.callId),
    foreignKey({
      name: "call_prompts_prompt_fkey",
      columns: [t.orgId, t.hash],
      foreignColumns: [prompts.orgId, prompts.hash],
    }),
    index("call_prompts_prompt_idx").on(t.orgId, t.hash),
  ],
);
