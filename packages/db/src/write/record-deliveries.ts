import type { Channel } from "@call-ledger/domain";
import type { Pool, Sql } from "../client/pool.ts";
import type { DeliveryDocument, DeliveryToRecord } from "./delivery-document.ts";
import { callOf, deliveryDocument } from "./delivery-document.ts";
import { referenceKey, referenceOf } from "./payload-codec.ts";
import type { PayloadReferences } from "./payload-references.ts";

export type EventOutcome = "applied" | "observed" | "duplicate" | "quarantined";

/** What became of one delivery. */
export type DeliveryOutcome = {
  readonly outcome: EventOutcome;
  /** Why it is in quarantine, else `null`. */
  readonly reason: string | null;
  /** The provider's id of the agent that the delivery points to, if it was booked and the agent is known. */
  readonly providerAgentId: string | null;
};

/**
 * How the parameters travel: `prepared` keeps a prepared statement on the connection; `literal` writes them into the
 * statement as base64, one flight without a prepared statement, which is what a pooler in transaction mode allows.
 */
export type Transport = "prepared" | "literal";

export type RecordingOptions = {
  readonly transport: Transport;
  readonly deadlineMs: number;
  /** Of which channels recordings are queued; all by default. */
  readonly channels?: readonly Channel[] | undefined;
  /** What this process remembers of stored payloads; without it each is packed by itself. */
  readonly references?: PayloadReferences | undefined;
};

type OutcomeRow = {
  ord: number;
  outcome: EventOutcome;
  reason: string | null;
  provider_agent_id: string | null;
};

/**
 * Books deliveries in one round trip and one transaction; the outcomes stand in the order of the deliveries.
 * Throws DbError; then nothing of the batch is stored (or, after DEADLINE, possibly all of it).
 */
export async function recordDeliveries(
  pool: Pool,
  deliveries: readonly DeliveryToRecord[],
  options: RecordingOptions,
): Promise<DeliveryOutcome[]> {
  const { references } = options;
  const document = deliveryDocument(deliveries, options.channels, references);
  const rows = await pool.run((sql) => call(sql, document, options.transport), options.deadlineMs);
  const byDelivery: OutcomeRow[][] = deliveries.map(() => []);
  for (const row of rows) byDelivery[document.deliveryOf[row.ord - 1] ?? -1]?.push(row);
  for (const [index, delivery] of deliveries.entries()) {
    if (isStored(byDelivery[index])) rememberPayload(references, delivery, document, index);
  }
  return byDelivery.map(deliveryOutcome);
}

/** Whether a delivery's payload stands with its first event now: not with that of a repetition, nor in quarantine. */
function isStored([first]: readonly OutcomeRow[] = []): boolean {
  return first?.outcome === "applied" || first?.outcome === "observed";
}

/** Only what can be read by itself is referred to. */
function rememberPayload(
  references: PayloadReferences | undefined,
  delivery: DeliveryToRecord,
  { payloads, texts }: DeliveryDocument,
  index: number,
): void {
  const [packed, text] = [payloads[index], texts[index]];
  const call = callOf(delivery);
  const [first] = "events" in delivery.content ? delivery.content.events : [];
  if (call === null || first === undefined || packed === undefined || text === undefined) return;
  if (referenceOf(packed) === null) references?.remember(call, { key: referenceKey(first.eventId), text });
}

const PAYLOADS =
  "array(select decode(p, 'base64') from unnest(string_to_array($2, ',')) with ordinality u(p, n) order by n)";

async function call(sql: Sql, document: DeliveryDocument, transport: Transport): Promise<OutcomeRow[]> {
  const items = JSON.stringify(document.items);
  const payloads = document.payloads.map((payload) => payload.toString("base64")).join(",");
  if (transport === "prepared") {
    return sql.unsafe(
      `select * from public.record_deliveries($1::text::jsonb, ${PAYLOADS})`,
      [items, payloads],
      {
        prepare: true,
      },
    );
  }
  const encoded = Buffer.from(items).toString("base64");
  return sql.unsafe(
    `select * from public.record_deliveries(convert_from(decode('${encoded}', 'base64'), 'UTF8')::jsonb, ${PAYLOADS.replace("$2", () => `'${payloads}'`)})`,
  );
}

/** Any quarantined event quarantines the delivery; else a new event that speaks of state, else a new one, else a repetition. */
function deliveryOutcome(rows: readonly OutcomeRow[]): DeliveryOutcome {
  const order: readonly EventOutcome[] = ["quarantined", "applied", "observed", "duplicate"];
  const outcome = order.find((candidate) => rows.some((row) => row.outcome === candidate)) ?? "duplicate";
  return {
    outcome,
    reason: rows.find((row) => row.reason !== null)?.reason ?? null,
    providerAgentId: rows.find((row) => row.provider_agent_id !== null)?.provider_agent_id ?? null,
  };
}
