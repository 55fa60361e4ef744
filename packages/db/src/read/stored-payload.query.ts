import type postgres from "postgres";
import { referenceOf, unpackPayload } from "../write/payload-codec.ts";

/** A stored payload and the call to which it belongs. */
export type StoredPayload = {
  readonly payload: Uint8Array;
  readonly accountId: string;
  readonly provider: string;
  /** `null`: the payload has no call, and refers to no other payload. */
  readonly providerCallId: string | null;
};

/**
 * Returns the text of a stored payload, unpacked with the one to which it refers; `null` if that one was older and was
 * removed. `reference` finds that one, an event of the same call, by the beginning of its digest.
 */
export async function storedText(
  payload: Uint8Array,
  reference: (key: string) => Promise<Uint8Array | undefined>,
): Promise<string | null> {
  const key = referenceOf(payload);
  if (key === null) return unpackPayload(payload);
  const found = await reference(key);
  return found === undefined ? null : unpackPayload(payload, unpackPayload(found));
}

/** Like `storedText`, with a plain client. */
export function readStoredPayload(
  sql: postgres.Sql,
  { payload, accountId, provider, providerCallId }: StoredPayload,
): Promise<string | null> {
  return storedText(payload, async (key) => {
    const [reference] = await sql<{ payload: Buffer }[]>`
      select e.payload
      from call_routes r
      join processed_webhook_events e
        on e.org_id = r.org_id and e.provider = ${provider} and e.provider_call_id = r.provider_call_id
      where r.provider_account_id = ${accountId} and r.provider_call_id = ${providerCallId}
        and starts_with(split_part(e.event_id, ':', 2), ${key}) and e.payload is not null`;
    return reference?.payload;
  });
}
