import { LRUCache } from "lru-cache";
import type { PayloadReference } from "./payload-codec.ts";

/**
 * Recently stored payloads, by call, with which the next payload of the call can be packed. They only save space: a
 * process that has none packs a payload on its own.
 */
export type PayloadReferences = {
  /** Returns the payload with which to pack a payload of a call of this size; `undefined`: pack it on its own. */
  find(call: string, bytes: number): PayloadReference | undefined;
  /** Remembers a payload that has been committed and is packed on its own. */
  remember(call: string, reference: PayloadReference): void;
};

/** A payload that is longer than the reference by this factor has so much new text that our dictionary is better. */
const MAX_GROWTH = 2;

/**
 * Remembers at most `maxBytes` of payloads, the newest of each call. The calls that were silent longest are dropped
 * first.
 */
export function payloadReferences(maxBytes: number): PayloadReferences {
  const byCall = new LRUCache<string, PayloadReference>({
    maxSize: maxBytes,
    // The cache accepts no size of 0.
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
