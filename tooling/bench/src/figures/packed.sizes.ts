import { zstdCompressSync } from "node:zlib";
import { packPayload } from "@call-ledger/db/write";
import { deliveriesOf } from "../direct/function.arguments.ts";

/** The size of payloads packed in other ways than the ledger's, as shares of the received bytes. */
export type PackedSizes = { readonly plain: number; readonly withDictionary: number };

/** A repeated delivery counts as received, but not as stored. */
export async function packedSizes(bodies: readonly string[]): Promise<PackedSizes> {
  const seen = new Set<string>();
  let plain = 0;
  let withDictionary = 0;
  for (const { content, payload } of deliveriesOf(bodies)) {
    const key = "events" in content ? (content.events[0]?.eventId ?? "") : content.contentKey;
    if (seen.has(key)) continue;
    seen.add(key);
    plain += zstdCompressSync(payload).length;
    withDictionary += packPayload(payload).length;
  }
  const received = bodies.reduce((sum, body) => sum + Buffer.byteLength(body), 0);
  return { plain: plain / received, withDictionary: withDictionary / received };
}
