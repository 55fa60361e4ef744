import type { PayloadReference } from "./payload-codec.ts";

/**
 * Payloads that were stored lately, by call, so that the next one of the call need not say it all again. A hint and no
 * more: a process that has none packs a payload by itself.
 */
export type PayloadReferences = {
  /** What a payload of a call, so many bytes long, is to be packed with; `undefined`: by itself. */
  find(call: string, bytes: number): PayloadReference | undefined;
  /** A payload that has been committed and that can be read by itself. */
  remember(call: string, reference: PayloadReference): void;
};

/** A payload that is so many times longer brings so much new that our dictionary serves it better. */
const MOST_GROWTH = 2;

/** Remembers `mostBytes` of payloads at most, the newest of each call; the calls that were silent longest go first. */
export function payloadReferences(mostBytes: number): PayloadReferences {
  const byCall = new Map<string, PayloadReference>();
  let kept = 0;

  const forget = (call: string) => {
    kept -= byCall.get(call)?.text.length ?? 0;
    byCall.delete(call);
  };
  return {
    find(call, bytes) {
      const reference = byCall.get(call);
      if (reference === undefined || bytes > MOST_GROWTH * reference.text.length) return undefined;
      byCall.delete(call);
      byCall.set(call, reference);
      return reference;
    },
    remember(call, reference) {
      forget(call);
      const { length } = reference.text;
      if (length > mostBytes) return;
      byCall.set(call, reference);
      kept += length;
      for (const [silent] of byCall) {
        if (kept <= mostBytes) break;
        forget(silent);
      }
    },
  };
}
