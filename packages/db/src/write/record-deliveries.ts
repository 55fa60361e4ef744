import type { Pool, Sql } from "../client/pool.ts";
import type { EventsDocument } from "./delivery-document.ts";
import { eventsDocument } from "./delivery-document.ts";
import type { DeliveryToBook } from "./delivery-to-book.ts";
import type { PayloadReferences } from "./payload-references.ts";
import type { PreparationOptions, PreparedDelivery } from "./prepared-delivery.ts";
import { prepareDelivery } from "./prepared-delivery.ts";

export type EventOutcome = "applied" | "observed" | "duplicate" | "quarantined";

/** The outcome of one delivery. */
export type DeliveryOutcome = {
  readonly outcome: EventOutcome;
  /** Why the delivery is in quarantine, else `null`. */
  readonly reason: string | null;
  /** The provider's id of the delivery's agent, if the delivery was booked and the agent is known. */
  readonly providerAgentId: string | null;
};

/**
 * How the parameters are sent. `prepared` keeps a prepared statement on the connection. `literal` writes them into the
 * statement as base64, in one round trip without a prepared statement, which works with a pooler in transaction mode.
 */
export type Transport = "prepared" | "literal";

export type WriteOptions = {
  readonly transport: Transport;
  readonly deadlineMs: number;
  /** Remembers the stored payloads. Later payloads may refer to them. */
  readonly references?: PayloadReferences | undefined;
  /** Whether payloads of deliveries that name a call are stored with their events. Default: yes. */
  readonly keepsPayloads?: boolean | undefined;
};

export type RecordingOptions = WriteOptions & PreparationOptions;

type OutcomeRow = {
  ord: number;
  outcome: EventOutcome;
  reason: string | null;
  provider_agent_id: string | null;
};

/** Does the same as `recordPrepared` for deliveries that are not prepared yet. */
export async function recordDeliveries(
  pool: Pool,
  deliveries: readonly DeliveryToBook[],
  options: RecordingOptions,
): Promise<DeliveryOutcome[]> {
  const prepared = deliveries.map((delivery) => prepareDelivery(delivery, options));
  return recordPrepared(pool, prepared, options);
}

/**
 * Books deliveries in one round trip and one transaction. The outcomes are in the order of the deliveries. Throws
 * DbError. Then nothing of the batch is stored (or, after DEADLINE, possibly all of it).
 */
export async function recordPrepared(
  pool: Pool,
  deliveries: readonly PreparedDelivery[],
  { transport, deadlineMs, references, keepsPayloads = true }: WriteOptions,
): Promise<DeliveryOutcome[]> {
  const document = eventsDocument(deliveries.map(({ items }) => items));
  // A delivery that is not bookable consists of its payload only.
  const isKept = ({ isBookable }: PreparedDelivery) => keepsPayloads || !isBookable;
  const payloads = deliveries
    .map((delivery) => (isKept(delivery) ? delivery.packed.toString("base64") : NO_PAYLOAD))
    .join();
  const rows = await pool.run((sql) => call(sql, document, payloads, transport), deadlineMs);
  const byDelivery: OutcomeRow[][] = deliveries.map(() => []);
  for (const row of rows) byDelivery[document.deliveryOf[row.ord - 1] ?? -1]?.push(row);
  for (const [index, delivery] of deliveries.entries()) {
    const { referable } = delivery;
    if (referable !== null && isKept(delivery) && isStored(byDelivery[index])) {
      references?.remember(referable.call, referable.reference);
    }
  }
  return byDelivery.map(deliveryOutcome);
}

/**
 * Returns whether a delivery's payload is now stored with its first event. It is not for a repetition or in quarantine.
 */
function isStored([first]: readonly OutcomeRow[] = []): boolean {
  return first?.outcome === "applied" || first?.outcome === "observed";
}

/** A character that does not occur in base64. */
const NO_PAYLOAD = "-";

const PAYLOADS = `array(select decode(p, 'base64') from unnest(string_to_array($2, ',', '${NO_PAYLOAD}')) with ordinality u(p, n) order by n)`;

async function call(
  sql: Sql,
  { text }: EventsDocument,
  payloads: string,
  transport: Transport,
): Promise<OutcomeRow[]> {
  if (transport === "prepared") {
    const statement = `select * from public.record_deliveries($1::text::jsonb, ${PAYLOADS})`;
    return sql.unsafe(statement, [text, payloads], { prepare: true });
  }
  const encoded = Buffer.from(text).toString("base64");
  return sql.unsafe(
    `select * from public.record_deliveries(convert_from(decode('${encoded}', 'base64'), 'UTF8')::jsonb, ${PAYLOADS.replace("$2", () => `'${payloads}'`)})`,
  );
}

/**
 * If any event is quarantined, the delivery is. Otherwise a new event that changes state decides, then any other new
 * event, then a repetition.
 */
function deliveryOutcome(rows: readonly OutcomeRow[]): DeliveryOutcome {
  const order: readonly EventOutcome[] = ["quarantined", "applied", "observed", "duplicate"];
  const outcome = order.find((candidate) => rows.some((row) => row.outcome === candidate)) ?? "duplicate";
  return {
    outcome,
    reason: rows.find((row) => row.reason !== null)?.reason ?? null,
    providerAgentId: rows.find((row) => row.provider_agent_id !== null)?.provider_agent_id ?? null,
  };
}
