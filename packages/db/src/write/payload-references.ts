import type { PayloadReference } from "./payload-codec.ts";

/**
 * Payloads that were stored lately, by call, so that the next one of the call need not say it all again. A hint and no
 * more: a process that has none packs a payload by itself.
 */
export type PayloadReferences = {
  /** What a payload of a call is to be packed with; `undefined`: by itself. */
  find(call: string, payload: string | Uint8Array): PayloadReference | undefined;
  /** A payload that has been committed and that can be read by itself. */
  remember(call: string, key: string, payload: string | Uint8Array): void;
};

/** A payload that is so many times longer brings so much new that our dictionary serves it better. */
const MOST_GROWTH = 2;

/** Remembers `mostBytes` of payloads at most, the newest of each call; the calls that were silent longest go first. */
export function payloadReferences(mostBytes: number): PayloadReferences {
  const byCall = new Map<string, PayloadReference>();
  let bytes = 0;

  const forget = (call: string) => {
    bytes -= byCall.get(call)?.text.length ?? 0;
    byCall.delete(call);
  };
  return {
    find(call, payload) {
      const reference = byCall.get(call);
      if (reference === undefined || payload.length > MOST_GROWTH * reference.text.length) return undefined;
      byCall.delete(call);
      byCall.set(call, reference);
      return reference;
    },
    remember(call, key, payload) {
      forget(call);
      const text = Buffer.from(payload);
      if (text.length > mostBytes) return;
      byCall.set(call, { key, text });
      bytes += text.length;
      for (const [silent] of byCall) {
        if (bytes <= mostBytes) break;
        forget(silent);
      }
    },
  };
}
