import type { AlsoNamed, Instant, LackedPart, MissingReason } from "@call-ledger/domain";
import { COMPARED_FIELDS, MISSING_REASONS, PHASES } from "@call-ledger/domain";
import { z } from "zod";
import { momentSchema, runForOne, runFunction, sqlFunction } from "../client/run-function.ts";
import { alsoNamedItem } from "../write/event-items.ts";
import type { WorkerSession } from "./worker-session.ts";

const heldSchema = z.object({
  providerAccountId: z.string(),
  /** `null` for the platform's own account. */
  orgId: z.string().nullable(),
  provider: z.string(),
  /** Made by the claim. The process that settles the run has to give it. */
  token: z.string(),
  /** Every call that changed before this time was compared; `null`: none was. */
  comparedUntil: momentSchema.nullable(),
  /** Identifies the API key of the last comparison; `null`: unknown. */
  keyDigest: z.string().nullable(),
});

/** A comparison of an account's calls with its provider's. This process holds it until its lease ends. */
export type HeldReconciliation = Readonly<z.output<typeof heldSchema>>;

const knownSchema = z
  .object({
    orgId: z.string().nullable(),
    missing: z.enum(MISSING_REASONS).nullable(),
    isKnown: z.boolean(),
    phase: z.enum(PHASES).nullable(),
    reportVersion: z.string().nullable(),
    has: z.array(z.enum(COMPARED_FIELDS)),
    costUsd: z.number().nullable(),
    startedAt: momentSchema.nullable(),
    endedAt: momentSchema.nullable(),
    endedReason: z.string().nullable(),
  })
  .transform(({ orgId, missing, isKnown, phase, reportVersion, ...report }) => ({
    orgId,
    missing,
    known: isKnown
      ? { phase, report: reportVersion === null ? null : { version: reportVersion, ...report } }
      : null,
  }));

/** The ledger's facts of a provider's call, its organization, and why it cannot be booked (`null` if it can). */
export type ComparedCall = Readonly<z.output<typeof knownSchema>>;

/** The facts of a provider's call from which its organization is found. */
export type CallToCompare = {
  readonly providerCallId: string;
  readonly providerAgentId: string | null;
  readonly providerPhoneNumberId: string | null;
  readonly ourNumber: string | null;
  readonly alsoNamed: AlsoNamed | null;
  readonly createdAt: Instant;
};

/** The result of a comparison for one call. */
export type ProviderCallNote = Omit<CallToCompare, "ourNumber" | "alsoNamed"> & {
  readonly orgId: string | null;
  readonly hasEnded: boolean;
  /** The part that the ledger lacked; `null`: nothing. */
  readonly lacked: LackedPart | null;
  /** Why the ledger lacks the call; `null`: it has the call. */
  readonly missing: MissingReason | null;
  /** Set if the call was requested by its id: the time of the next request, or `null` for never. */
  readonly requested?: { readonly again: Instant | null };
};

const askSchema = z.object({
  providerCallId: z.string(),
  orgId: z.string().nullable(),
  createdAt: momentSchema,
  /** What the last comparison found; `null`: no comparison has found a missing part. */
  missing: z.enum(MISSING_REASONS).nullable(),
  /** The number of requests by id so far. */
  asks: z.number(),
});

/** A call that has to be requested from its provider by its id. */
export type CallToAsk = Readonly<z.output<typeof askSchema>>;

const CLAIM = sqlFunction(
  "call_ledger.claim_reconciliation",
  { platformAccounts: "uuid[]", chosen: "uuid", leaseSeconds: "integer" },
  heldSchema,
);
const HELD = { accountId: "uuid", heldToken: "uuid" } as const;
const NOTE_KEY = sqlFunction("call_ledger.note_comparison_key", { ...HELD, digest: "text" }, z.boolean());
const HAS_CALLS = sqlFunction(
  "call_ledger.has_calls_between",
  { accountId: "uuid", since: "timestamptz", until: "timestamptz", wanted: "integer" },
  z.boolean(),
);
const NOTE_UNREAD = sqlFunction(
  "call_ledger.note_unread",
  { ...HELD, since: "timestamptz", until: "timestamptz", isUnread: "boolean" },
  z.unknown(),
);
const EXTEND = sqlFunction(
  "call_ledger.extend_reconciliation",
  { ...HELD, leaseSeconds: "integer", comeFrom: "timestamptz", comeTo: "timestamptz" },
  z.boolean(),
);
const SETTLE = sqlFunction(
  "call_ledger.settle_reconciliation",
  { ...HELD, againSeconds: "integer", outcome: "jsonb", failure: "text" },
  z.boolean(),
);
const COMPARE = sqlFunction(
  "call_ledger.compare_fetched_calls",
  { accountId: "uuid", fetched: "jsonb", decidedOrgId: "uuid" },
  knownSchema,
);
const NOTE = sqlFunction(
  "call_ledger.note_provider_calls",
  { accountId: "uuid", notes: "jsonb" },
  z.unknown(),
);
const TO_ASK = sqlFunction("call_ledger.calls_to_ask", { accountId: "uuid", most: "integer" }, askSchema);
const DROP = sqlFunction(
  "call_ledger.drop_provider_calls",
  { before: "timestamptz", most: "integer" },
  z.number(),
);

/**
 * Claims the account that has been due for the longest time, or the `chosen` one unless another process holds it.
 * Returns `null` if there is none. `platformAccounts` are the platform's own accounts whose key is set. Throws DbError.
 */
export async function claimReconciliation(
  session: WorkerSession,
  options: {
    readonly platformAccounts: readonly string[];
    readonly chosen: string | null;
    readonly leaseSeconds: number;
  },
): Promise<HeldReconciliation | null> {
  const [held] = await session.run((sql) => runFunction(sql, CLAIM, options));
  return held ?? null;
}

/**
 * Notes the key with which a run reads the provider's API, by a digest of it. After another key than before, calls that
 * the provider did not have are requested again. Returns `false` if the run is no longer held. Throws DbError.
 */
export function noteComparisonKey(
  session: WorkerSession,
  held: HeldReconciliation,
  keyDigest: string,
): Promise<boolean> {
  return session.run((sql) => runForOne(sql, NOTE_KEY, { ...keyOf(held), digest: keyDigest }));
}

/**
 * Returns whether the ledger has `wanted` calls or more of an account that it saw first between two times. Throws
 * DbError.
 */
export function hasCallsBetween(
  session: WorkerSession,
  accountId: string,
  span: { readonly since: Instant; readonly until: Instant; readonly wanted: number },
): Promise<boolean> {
  return session.run((sql) => runForOne(sql, HAS_CALLS, { accountId, ...span }));
}

/**
 * Notes whether all calls of an account that changed between two times could be read from its provider's list. Their
 * days count as compared only if all could. Throws DbError.
 */
export async function noteUnread(
  session: WorkerSession,
  held: HeldReconciliation,
  span: { readonly since: Instant; readonly until: Instant; readonly isUnread: boolean },
): Promise<void> {
  await session.run((sql) => runForOne(sql, NOTE_UNREAD, { ...keyOf(held), ...span }));
}

/** The times between which the calls of an account are compared so far. `since` is set by a run that begins anew. */
export type Compared = { readonly since: Instant | null; readonly until: Instant | null };

/**
 * Extends the lease by `leaseSeconds` and stores the compared times. Returns whether the account is still held. Throws
 * DbError.
 */
export function extendReconciliation(
  session: WorkerSession,
  held: HeldReconciliation,
  leaseSeconds: number,
  { since, until }: Compared,
): Promise<boolean> {
  const values = { ...keyOf(held), leaseSeconds, comeFrom: since, comeTo: until };
  return session.run((sql) => runForOne(sql, EXTEND, values));
}

/**
 * Ends a run with its result or with the reason of its failure, or gives it back with neither. Returns `false` if it
 * was no longer held. Throws DbError.
 */
export function settleReconciliation(
  session: WorkerSession,
  held: HeldReconciliation,
  ended: {
    readonly againSeconds: number;
    readonly result: Readonly<Record<string, number>> | null;
    readonly error: string | null;
  },
): Promise<boolean> {
  const { againSeconds, result, error } = ended;
  const values = { ...keyOf(held), againSeconds, outcome: result, failure: error };
  return session.run((sql) => runForOne(sql, SETTLE, values));
}

/**
 * Returns the ledger's facts of some calls of an account, in the same order. A person has decided that old calls of the
 * agents of `decidedOrgId` are its calls; `null`: nothing was decided. Throws DbError.
 */
export function compareCalls(
  session: WorkerSession,
  accountId: string,
  calls: readonly CallToCompare[],
  decidedOrgId: string | null,
): Promise<ComparedCall[]> {
  const fetched = calls.map((call) => ({
    provider_call_id: call.providerCallId,
    provider_agent_id: call.providerAgentId,
    provider_phone_number_id: call.providerPhoneNumberId,
    our_number: call.ourNumber,
    also_named: alsoNamedItem(call),
    created_at: iso(call.createdAt),
  }));
  return session.run((sql) => runFunction(sql, COMPARE, { accountId, fetched, decidedOrgId }));
}

/** Stores the results of a comparison, with each call once. Throws DbError. */
export async function noteProviderCalls(
  session: WorkerSession,
  accountId: string,
  found: readonly ProviderCallNote[],
): Promise<void> {
  if (found.length === 0) return;
  const notes = found.map((note) => ({
    provider_call_id: note.providerCallId,
    org_id: note.orgId,
    provider_agent_id: note.providerAgentId,
    provider_phone_number_id: note.providerPhoneNumberId,
    created_at: iso(note.createdAt),
    has_ended: note.hasEnded,
    lacked: note.lacked,
    missing: note.missing,
    asked: note.requested !== undefined,
    ask_at: note.requested === undefined || note.requested.again === null ? null : iso(note.requested.again),
  }));
  await session.run((sql) => runForOne(sql, NOTE, { accountId, notes }));
}

/**
 * Returns the calls of an account that have to be requested from its provider now, at most `max`, newest first. Throws
 * DbError.
 */
export function callsToAsk(session: WorkerSession, accountId: string, max: number): Promise<CallToAsk[]> {
  return session.run((sql) => runFunction(sql, TO_ASK, { accountId, most: max }));
}

/**
 * Deletes the notes of calls that were created before a time (ms since 1970), at most `max`, and returns their number.
 * Throws DbError.
 */
export function dropProviderCalls(
  session: WorkerSession,
  { before, max }: { readonly before: Instant; readonly max: number },
): Promise<number> {
  return session.run((sql) => runForOne(sql, DROP, { before, most: max }));
}

function keyOf({ providerAccountId, token }: HeldReconciliation) {
  return { accountId: providerAccountId, heldToken: token };
}

function iso(at: Instant): string {
  return new Date(at).toISOString();
}
