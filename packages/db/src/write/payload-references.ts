import { LRUCache } from "lru-cache";
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
const MAX_GROWTH = 2;

/** Remembers `maxBytes` of payloads at most, the newest of each call; the calls that were silent longest go first. */
export function payloadReferences(maxBytes: number): PayloadReferences {
  const byCall = new LRUCache<string, PayloadReference>({
    maxSize: maxBytes,
    // The cache takes no size of 0.
    sizeCalculation: ({ text }) => Math.max(1, text.length),
  });
  return {
    find(call, bytes) {
      const length = byCall.peek(call)?.text.length ?? 0;
      return bytes > MAX_GROWTH * length ? undefined : byCall.get(call);
    },
    remember: (call, reference) => void byCall.set(call, reference),
  };
}
