import { createHash } from "node:crypto";
import { PLATFORM_ACCOUNTS } from "@call-ledger/db/accounts";
import { SQLSTATE, throwingDbErrors, worthRepeating } from "@call-ledger/db/errors";
import type { DeliveryToBook } from "@call-ledger/db/write";
import { eventItems, eventsDocument, itemText, writeHalving } from "@call-ledger/db/write";
import type { Instant, KeyedEvent } from "@call-ledger/domain";
import { CHANNELS, canonicalJson, keyEvents, SOURCE } from "@call-ledger/domain";
import type postgres from "postgres";
import type { AdoptedCall } from "./adopted-call.ts";

/** A call to book. */
export type CallToBook = {
  readonly providerCallId: string;
  readonly orgId: string;
  readonly agentId: string | null;
  readonly adopted: AdoptedCall;
};

/**
 * `news`: the ledger had nothing of the call; `known`: it had all of it. If it had a part, the new events are counted
 * by their types.
 */
export type BookedCall = "news" | "known" | "organization_conflict" | "refused" | ReadonlyMap<string, number>;

const PROVIDER = "vapi";
const ACCOUNT = String(PLATFORM_ACCOUNTS[PROVIDER]);

const digest = (text: string) => createHash("sha256").update(text).digest("base64url");

/**
 * Books calls in one statement: their events through record_deliveries, and facts that only the old tables have. A
 * batch that the database refuses is halved until the refused call is alone. Throws DbError for other errors.
 */
export async function bookCalls(
  sql: postgres.Sql,
  calls: readonly CallToBook[],
  now: Instant,
): Promise<BookedCall[]> {
  return writeHalving<CallToBook, BookedCall>(calls, {
    write: throwingDbErrors((batch) => bookBatch(sql, batch, now)),
    passesLater: (error) => worthRepeating(error) || error.code === SQLSTATE.lockNotAvailable,
    async giveUp(_batch, error) {
      if (error.kind !== "refused") throw error;
      return ["refused"];
    },
  });
}

/** The result that bookCalls would have, without booking. `sql` null: there is no ledger yet. */
export async function previewCalls(
  sql: postgres.Sql | null,
  calls: readonly CallToBook[],
): Promise<BookedCall[]> {
  if (sql === null) return calls.map(() => "news");
  const { text, events } = documentOf(calls, 0);
  const rows = await sql<{ place: number }[]>`
    select i.place::int as place
    from jsonb_array_elements(${text}::text::jsonb) with ordinality as i (item, place)
    where not exists (
      select from processed_webhook_events p
      where p.org_id = (i.item ->> 'org_id')::uuid and p.event_id = i.item ->> 'event_id')`;
  const places = new Set(rows.map(({ place }) => place - 1));
  return events.map((its) => newsOf(its, places));
}

/** The organizations of booked calls, by the provider's call ids. Calls that the ledger does not know are absent. */
export async function bookedOrganizations(
  sql: postgres.Sql,
  providerCallIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await sql<{ provider_call_id: string; org_id: string }[]>`
    select r.provider_call_id, r.org_id
    from jsonb_array_elements_text(${JSON.stringify(providerCallIds)}::text::jsonb) k
    join call_routes r on r.provider_account_id = ${ACCOUNT} and r.provider_call_id = k
    where r.org_id is not null`;
  return new Map(rows.map((row) => [row.provider_call_id, row.org_id]));
}

async function bookBatch(
  sql: postgres.Sql,
  calls: readonly CallToBook[],
  now: Instant,
): Promise<BookedCall[]> {
  const { text, events } = documentOf(calls, now);
  const rows = await sql<{ ord: number; outcome: string }[]>`
    select ord, outcome from call_ledger.adopt_calls(
      ${text}::text::jsonb, ${JSON.stringify(calls.map(factsOf))}::text::jsonb)`;
  const placesOf = (isMeant: (outcome: string) => boolean) =>
    new Set(rows.flatMap(({ ord, outcome }) => (isMeant(outcome) ? ord - 1 : [])));
  const quarantined = placesOf((outcome) => outcome === "quarantined");
  const places = placesOf((outcome) => outcome !== "duplicate");
  return events.map((its) =>
    its.some(({ place }) => quarantined.has(place)) ? "organization_conflict" : newsOf(its, places),
  );
}

/** An event of a call, with its place in the document. */
type PlacedEvent = { readonly place: number; readonly type: string };

/** Returns what is new of one call. `places` are those of all new events. */
function newsOf(events: readonly PlacedEvent[], places: ReadonlySet<number>): BookedCall {
  const news = events.filter(({ place }) => places.has(place));
  if (news.length === 0) return "known";
  if (news.length === events.length) return "news";
  return new Map([...Map.groupBy(news, ({ type }) => type)].map(([type, all]) => [type, all.length]));
}

function factsOf({ orgId, providerCallId, adopted: { createdAt, recording } }: CallToBook): object {
  return {
    org_id: orgId,
    provider: PROVIDER,
    provider_call_id: providerCallId,
    created_at: createdAt === null ? null : new Date(createdAt).toISOString(),
    keeps: recording !== null,
    path: recording?.path,
  };
}

function documentOf(calls: readonly CallToBook[], now: Instant) {
  const events: PlacedEvent[][] = [];
  let places = 0;
  const items = calls.map((call) => {
    const { orgId, agentId, adopted } = call;
    const given = { org_id: orgId, agent_id: agentId, lead_id: adopted.leadId, metadata: adopted.metadata };
    const keyedEvents = keyed(call);
    events.push(keyedEvents.map(({ event: { type } }) => ({ place: places++, type })));
    const delivery = asDelivery(call, keyedEvents, now);
    return eventItems(delivery, CHANNELS).map((item) => itemText({ ...item, ...given }));
  });
  return { text: eventsDocument(items).text, events };
}

function asDelivery(
  { providerCallId, adopted }: CallToBook,
  events: readonly KeyedEvent[],
  now: Instant,
): DeliveryToBook {
  return {
    provider: PROVIDER,
    accountId: ACCOUNT,
    receivedAt: adopted.createdAt ?? now,
    providerDeliveryId: null,
    type: "adopted",
    payload: "",
    content: {
      providerCallId,
      facts: adopted.facts,
      events,
      wantsAgent: false,
      source: SOURCE.adopted,
    },
  };
}

/**
 * Event ids with their own prefix. They cover the agent, the lead and the notes too, which a provider's event does not
 * have.
 */
function keyed({ providerCallId, agentId, adopted }: CallToBook): KeyedEvent[] {
  const origin = { provider: PROVIDER, accountId: ACCOUNT, providerCallId };
  const beyond = canonicalJson([agentId, adopted.leadId, adopted.metadata]);
  const events = keyEvents(origin, adopted.facts, adopted.events, digest).map((keyed) => ({
    ...keyed,
    eventId: `adopted:${digest(keyed.eventId + beyond).slice(0, 22)}`,
  }));
  return [...new Map(events.map((event) => [event.eventId, event])).values()];
}
