import { DbError } from "@call-ledger/db/errors";
import type { ComparedCall, ProviderCallNote, WorkerSession } from "@call-ledger/db/jobs";
import { compareCalls, noteProviderCalls } from "@call-ledger/db/jobs";
import type { Booked, DeliveryToBook } from "@call-ledger/db/write";
import type { LackedPart } from "@call-ledger/domain";
import { lackedPart } from "@call-ledger/domain";
import { fetchedDelivery } from "@call-ledger/ingest";
import type { FetchedCall } from "@call-ledger/providers";

export type ComparePorts = {
  readonly session: WorkerSession;
  /** Books deliveries so that none affects another; see `bookDeliveries`. */
  book(deliveries: readonly DeliveryToBook[]): Promise<Booked>;
  now(): number;
  /** Whether to only compare and count, and change nothing. */
  readonly isDryRun: boolean;
  /** A person has decided that old calls of this organization's agents are its calls; `null`: nothing was decided. */
  readonly decidedOrgId: string | null;
};

/** An account whose calls are compared. */
export type ComparedAccount = { readonly id: string; readonly provider: string };

/**
 * The result of a comparison for one call. `missing` is `null` if the ledger has the call now, or would have it after a
 * dry run.
 */
export type Finding = {
  readonly providerCallId: string;
  readonly lacked: LackedPart | null;
  readonly missing: ProviderCallNote["missing"];
};

type ToBook = { readonly note: ProviderCallNote; readonly delivery: DeliveryToBook };

const AT_ONCE = 20;

/**
 * Compares calls of a provider with the ledger and books the missing parts. A missing part is noted before it is
 * booked, so the note survives a process that is killed in between. `requested`: the calls were requested by their ids.
 * Returns the findings in the order of the calls. Throws DbError.
 */
export async function compareWithLedger(
  calls: readonly FetchedCall[],
  account: ComparedAccount,
  ports: ComparePorts,
  requested?: ProviderCallNote["requested"],
): Promise<Finding[]> {
  if (calls.length === 0) return [];
  const { session, isDryRun, decidedOrgId } = ports;
  const deliveries = calls.map((call) =>
    fetchedDelivery(call, { provider: account.provider, accountId: account.id }, ports.now()),
  );
  const compared = await compareCalls(session, account.id, calls.map(factsToCompare), decidedOrgId);
  const notes = calls.map((call, place) => noteOf(call, deliveries[place], compared[place], requested));
  const toBook = notes.flatMap((note, place): ToBook[] => {
    const delivery = deliveries[place];
    const isBookable = note.lacked !== null && (compared[place]?.missing ?? null) === null;
    return delivery !== undefined && isBookable ? [{ note, delivery }] : [];
  });
  if (isDryRun) return notes.map((note, place) => ({ ...note, missing: compared[place]?.missing ?? null }));
  await noteProviderCalls(session, account.id, notes);
  const booked: ProviderCallNote[] = [];
  for (let place = 0; place < toBook.length; place += AT_ONCE) {
    const some = toBook.slice(place, place + AT_ONCE);
    const outcomes = await ports.book(some.map(({ delivery }) => delivery));
    booked.push(...some.map(({ note }, index) => ({ ...note, missing: missingAfter(outcomes[index]) })));
  }
  // A request by id was noted before.
  await noteProviderCalls(
    session,
    account.id,
    booked.map(({ requested: _noted, ...note }) => note),
  );
  const after = new Map(booked.map((note) => [note.providerCallId, note]));
  return notes.map((note) => after.get(note.providerCallId) ?? note);
}

function factsToCompare({ createdAt, read: { providerCallId, facts } }: FetchedCall) {
  const { providerAgentId, providerPhoneNumberId, ourNumber, alsoNamed } = facts;
  return { providerCallId, providerAgentId, providerPhoneNumberId, ourNumber, alsoNamed, createdAt };
}

/** A call that lacks these parts counts as missing, like one without a row. One that only lacks a field does not. */
const MISSED: readonly (LackedPart | null)[] = ["call", "end", "report"];

function noteOf(
  call: FetchedCall,
  delivery: DeliveryToBook | undefined,
  compared: ComparedCall | undefined,
  requested: ProviderCallNote["requested"],
): ProviderCallNote {
  const [event] = delivery !== undefined && "events" in delivery.content ? delivery.content.events : [];
  const known = compared?.known ?? null;
  const lacked = event === undefined ? null : lackedPart(event, known);
  const { ourNumber: _private, alsoNamed: _compared, ...facts } = factsToCompare(call);
  return {
    ...facts,
    orgId: compared?.orgId ?? null,
    hasEnded: call.hasEnded,
    lacked,
    missing: compared?.missing ?? (known === null || MISSED.includes(lacked) ? "not_booked" : null),
    ...(requested === undefined ? {} : { requested }),
  };
}

/** Throws the DbError of a delivery that has to be booked later. Its account is then compared again. */
function missingAfter(outcome: Booked[number] | undefined): ProviderCallNote["missing"] {
  if (outcome instanceof DbError) throw outcome;
  if (outcome?.outcome !== "quarantined") return null;
  const { reason } = outcome;
  return reason === "unknown_agent" || reason === "organization_conflict" ? reason : "refused";
}
