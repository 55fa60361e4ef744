import type { QuarantinedPayload } from "@call-ledger/db/access";
import { readStoredPayload } from "@call-ledger/db/payloads";
import type { Owner } from "../owner.ts";

/** A quarantined delivery without its content: nothing in it is a person's. */
export type QuarantinedDelivery = {
  readonly id: string;
  readonly provider: string;
  readonly reason: string;
  readonly detail: string | null;
  readonly eventType: string;
  readonly providerCallId: string | null;
  readonly providerAgentId: string | null;
  readonly receivedAt: Date;
  readonly replayedAt: Date | null;
};

type QuarantinedRow = Omit<QuarantinedPayload, "payload"> & {
  readonly payload: Buffer | null;
  readonly providerCallId: string | null;
};

/** Newest first; those that wait, or all. Throws DbError. */
export function listQuarantine(
  owner: Owner,
  { all, limit }: { readonly all: boolean; readonly limit: number },
): Promise<QuarantinedDelivery[]> {
  return owner.run(
    (sql) => sql<QuarantinedDelivery[]>`
    select id, provider, reason, detail, event_type as "eventType", provider_call_id as "providerCallId",
      provider_agent_id as "providerAgentId", received_at as "receivedAt", replayed_at as "replayedAt"
    from quarantined_deliveries
    where ${all} or replayed_at is null
    order by received_at desc, id limit ${limit}`,
  );
}

/** `null`: there is no such delivery. Throws DbError. */
export function readQuarantined(owner: Owner, id: string): Promise<QuarantinedPayload | null> {
  return owner.run(async (sql) => {
    const [row] = await sql<QuarantinedRow[]>`
    select id, provider, provider_account_id as "accountId", provider_call_id as "providerCallId", reason, payload,
      received_at as "receivedAt", replayed_at as "replayedAt", events is not null as translated
    from quarantined_deliveries where id = ${id}`;
    if (row === undefined) return null;
    const { payload, providerCallId, ...rest } = row;
    const text = payload === null ? null : await readStoredPayload(sql, { ...rest, payload, providerCallId });
    return { ...rest, payload: text };
  });
}

/**
 * Books the translated events that a quarantined delivery is stored with; `null`: it has none, or is not there.
 * Throws DbError.
 */
export function replayStored(
  owner: Owner,
  id: string,
): Promise<{ outcome: string; reason: string | null } | null> {
  return owner.run(async (sql) => {
    const [row] = await sql<{ result: { outcome: string; reason: string | null } | null }[]>`
      select call_ledger.replay_quarantined(${id}) as result`;
    return row?.result ?? null;
  });
}

/** Notes that a delivery is booked. The payload has moved to its event, so it is not kept twice. Throws DbError. */
export function markReplayed(owner: Owner, id: string): Promise<void> {
  return owner.run(async (sql) => {
    await sql`update quarantined_deliveries set replayed_at = now(), payload = null where id = ${id} and replayed_at is null`;
  });
}
