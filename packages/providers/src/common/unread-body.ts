import { bodyText } from "./json-body.ts";
import type { ReadDelivery } from "./provider-adapter.ts";
import type { RemovalUnder } from "./secret-names.ts";
import { textWithoutSecrets } from "./text-secrets.ts";

/** The max stored bytes of a body that no release will be able to read. */
const MAX_UNPARSEABLE_BYTES = 65_536;

/**
 * Returns a verified body that is not read in the form in which it is stored: without its secrets, and cut to 64 KB if
 * it is not JSON.
 */
export function unreadBody(
  body: Uint8Array,
  reason: "unparseable" | "too_complex",
  removalUnder: RemovalUnder,
): ReadDelivery {
  const isCut = reason === "unparseable" && body.length > MAX_UNPARSEABLE_BYTES;
  const kept = isCut ? body.subarray(0, MAX_UNPARSEABLE_BYTES) : body;
  return {
    reads: "nothing",
    type: "unknown",
    reason,
    detail: isCut ? `the first ${kept.length} of ${body.length} bytes are kept` : null,
    payload: textWithoutSecrets(bodyText(kept), removalUnder),
    waits: true,
    question: null,
  };
}
