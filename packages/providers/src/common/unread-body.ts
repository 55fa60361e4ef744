import { bodyText } from "./json-body.ts";
import type { ReadDelivery } from "./provider-adapter.ts";
import type { RemovalUnder } from "./secret-names.ts";
import { textWithoutSecrets } from "./text-secrets.ts";

/** Of a body that no release will read. */
const MAX_UNPARSEABLE_BYTES = 65_536;

/** A verified body that is not read, as it is stored: without the secrets in it, and what is no JSON cut to 64 KB. */
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
