import { listOrganizations } from "@call-ledger/db/access";
import type { EventSelection, Reader, StoredEvent } from "@call-ledger/db/read";
import { nextStoredEvents, openReader, readStoredEvent } from "@call-ledger/db/read";
import { asOperator, operatorPool } from "@call-ledger/db-operator/admin";
import type { ReplayedEvent } from "@call-ledger/ingest";
import { replayEvent } from "@call-ledger/ingest";
import { command, halfWay, usage } from "../cli/command.ts";
import { timeSpan, uuid } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";
import { replayedLine, singleBooking } from "../quarantine/book-again.ts";

const PAGE = 100;
const READING_MS = 20_000;

type Outcome = NonNullable<ReplayedEvent["outcome"]> | "not_stored" | "no_such_event";
type Replayed = { readonly id: string; readonly outcome: Outcome; readonly reason: string | null };

const WELL: readonly Outcome[] = ["applied", "duplicate", "observed"];

export const eventsReplayCommand = command({
  about:
    "Reads the stored deliveries of events again with this release, and books what it understands now: of named events " +
    "of one organization, or of all events that were booked within a time. Nothing is booked twice. With ids the exit " +
    "code is 1 if one of the deliveries is not stored or cannot be read.",
  options: {
    org: { value: "ID", about: "only this organization; default: all", parse: uuid },
    from: { value: "TIME", about: "booked since this day or time, in UTC" },
    to: { value: "TIME", about: "booked until then: that day included, or before that time; default: now" },
    provider: { value: "NAME", about: "only calls of this provider" },
    agent: { value: "ID", about: "only calls of this agent", parse: uuid },
  },
  values: "[EVENT…]",
  examples: [
    "events replay --from 2026-03-12T00:00:00Z --to 2026-03-13T00:00:00Z",
    "events replay --org 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 report:4f7c2d --json",
  ],

  async run({ org, from, to, provider, agent }, { env, now, progress, interruption }, ids) {
    if ((from !== undefined) === ids.length > 0) {
      throw usage("Name each event, or give a time with --from. The timeline of a call has the ids.");
    }
    if (ids.length > 0 && org === undefined) throw usage("events replay needs --org ID if you name events.");
    const span = from === undefined ? null : timeSpan(from, to, now());
    const url = ownerUrl(env);
    const stop = interruption();
    await using pool = operatorPool(url);
    const reader = openReader(url, { max: 1, name: "call-ledger ops" });
    const book = singleBooking(pool);
    const replayed: Replayed[] = [];
    const counts = new Map<Outcome, number>();
    try {
      const orgIds =
        org === undefined ? (await asOperator(url, listOrganizations)).map(({ id }) => id) : [org];
      const found =
        span === null
          ? namedEvents(reader, orgIds, ids)
          : bookedEvents(reader, orgIds, { ...textOf(span), provider, agentId: agent });
      for await (const event of found) {
        if (stop.aborted) {
          throw halfWay(
            `Interrupted: ${summary(counts)} Booked deliveries stay booked. Run the command again; it books nothing twice.`,
          );
        }
        const one = await replay(event, book);
        counts.set(one.outcome, (counts.get(one.outcome) ?? 0) + 1);
        if (ids.length > 0 || !WELL.includes(one.outcome)) {
          replayed.push(one);
          progress(replayedLine(one));
        }
        if (total(counts) % PAGE === 0) progress(summary(counts));
      }
    } finally {
      await reader.pool.close(1_000);
    }
    const isWell = replayed.every(({ outcome }) => WELL.includes(outcome));
    return {
      document: { counts: Object.fromEntries(counts), events: replayed },
      text: [summary(counts)],
      exitCode: ids.length > 0 && !isWell ? 1 : 0,
    };
  },
});

type Found = StoredEvent | { readonly id: string };

async function* namedEvents(
  reader: Reader,
  orgIds: readonly string[],
  ids: readonly string[],
): AsyncGenerator<Found> {
  for (const orgId of orgIds) {
    for (const id of new Set(ids)) {
      yield (await reader.as(orgId, (db) => readStoredEvent(db, orgId, id), READING_MS)) ?? { id };
    }
  }
}

/** Yields the events of one organization after another, in the order of their booking. */
async function* bookedEvents(
  reader: Reader,
  orgIds: readonly string[],
  selection: EventSelection,
): AsyncGenerator<Found> {
  for (const orgId of orgIds) {
    let cursor: string | undefined;
    do {
      const place = { limit: PAGE, cursor };
      const page = await reader.as(orgId, (db) => nextStoredEvents(db, orgId, selection, place), READING_MS);
      yield* page.events;
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }
}

async function replay(event: Found, book: ReturnType<typeof singleBooking>): Promise<Replayed> {
  if (!("payload" in event)) return { id: event.id, outcome: "no_such_event", reason: null };
  const { outcome, reason } = await replayEvent(event, { book });
  return { id: event.id, outcome: outcome ?? "not_stored", reason };
}

function textOf({ from, to }: { readonly from: number; readonly to: number }) {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}

function total(counts: ReadonlyMap<Outcome, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

/** Returns a line such as `120 events: 117 duplicate, 3 applied.` */
function summary(counts: ReadonlyMap<Outcome, number>): string {
  const parts = [...counts].map(([outcome, count]) => `${count} ${outcome.replaceAll("_", " ")}`);
  return `${total(counts)} events${parts.length === 0 ? "" : `: ${parts.join(", ")}`}.`;
}
