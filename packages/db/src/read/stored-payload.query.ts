import { referenceOf, unpackPayload } from "../write/payload-codec.ts";

/**
 * Returns the text of a stored payload, unpacked with the one to which it refers; `null` if that one was older and was
 * removed. `reference` finds that one, an event of the same call, by the beginning of its digest.
 */
export async function storedText(
  payload: Uint8Array,
  reference: (key: string) => Promise<Uint8Array | null | undefined>,
): Promise<string | null> {
  const key = referenceOf(payload);
  if (key === null) return unpackPayload(payload);
  const found = await reference(key);
  return found == null ? null : unpackPayload(payload, unpackPayload(found));
}
