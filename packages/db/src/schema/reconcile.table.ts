import { LACKED_PARTS, MISSING_REASONS } from "@call-ledger/domain";
import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  customType,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import { createdAt, instant, ofAccount, ofOrganization, oneOf } from "./organizations.table.ts";

const multirange = customType<{ data: string }>({ dataType: () => "tstzmultirange" });

/** How far each account's calls have been compared with its provider's, and which process compares them now. */
export const reconciledAccounts = pgTable(
  "reconciled_accounts",
  {
    providerAccountId: uuid("provider_account_id").primaryKey(),
    /** Null for the platform's own accounts. */
    orgId: uuid("org_id"),
    provider: text("provider").notNull(),
    /** Every call that changed at the provider between these times has been compared. */
    comparedSince: instant("compared_since"),
    comparedUntil: instant("compared_until"),
    /** Times within which calls changed that could not all be read from the provider's list. */
    unread: multirange("unread").notNull().default(sql`'{}'`),
    /** Identifies the API key of the last comparison: a part of its SHA-256. */
    keyDigest: text("key_digest"),
    /** When the account is due. While a process holds it, the end of its lease. */
    nextRunAt: instant("next_run_at").notNull().defaultNow(),
    /** Made anew by each claim. A process without the current token may not settle the run. */
    leaseToken: uuid("lease_token"),
    startedAt: instant("started_at"),
    finishedAt: instant("finished_at"),
    succeededAt: instant("succeeded_at"),
    /** The result of the last run that succeeded. */
    result: jsonb("result"),
    /** Why the last run that ended has failed. It never contains a value. */
    error: text("error"),
    createdAt: createdAt(),
  },
  (t) => [
    ofAccount("reconciled_accounts", t.providerAccountId),
    ofOrganization("reconciled_accounts", t.orgId),
  ],
);

/** The calls in a provider's list, each once. The completeness of the ledger is measured against them. */
export const providerCalls = pgTable(
  "provider_calls",
  {
    providerAccountId: uuid("provider_account_id").notNull(),
    providerCallId: text("provider_call_id").notNull(),
    /** The organization of the call; null while no organization has its agent. */
    orgId: uuid("org_id"),
    /** The agent in the call. If it is registered later, the call can be booked. */
    providerAgentId: text("provider_agent_id"),
    providerPhoneNumberId: text("provider_phone_number_id"),
    /** The provider's time; for a call that the provider no longer has, the ledger's time. */
    createdAt: instant("created_at").notNull(),
    hasEnded: boolean("has_ended").notNull(),
    /** The largest part that the ledger ever lacked of the call. */
    lacked: text("lacked"),
    /** Why the ledger lacks a part of the call; null: it lacks nothing. */
    missing: text("missing"),
    /** The number of requests by id, and the time of the next one; null: never again. */
    asks: integer("asks").notNull().default(0),
    askAt: instant("ask_at"),
    comparedAt: instant("compared_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ name: "provider_calls_pkey", columns: [t.providerAccountId, t.providerCallId] }),
    ofAccount("provider_calls", t.providerAccountId),
    ofOrganization("provider_calls", t.orgId),
    index("provider_calls_org_created_at_idx").on(t.orgId, t.createdAt),
    index("provider_calls_created_at_idx").on(t.createdAt),
    index("provider_calls_missing_idx")
      .on(t.providerAccountId, t.createdAt)
      .where(sql`${t.missing} is not null`),
    check("provider_calls_provider_call_id_bounded", sql`length(${t.providerCallId}) between 1 and 200`),
    check("provider_calls_lacked_known", sql`${t.lacked} in (${oneOf(LACKED_PARTS)})`),
    check("provider_calls_missing_known", sql`${t.missing} in (${oneOf(MISSING_REASONS)})`),
    check("provider_calls_asks_not_negative", sql`${t.asks} >= 0`),
  ],
);
