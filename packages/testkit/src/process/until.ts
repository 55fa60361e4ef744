import { setTimeout as sleep } from "node:timers/promises";

/**
 * Resolves with what the condition gives when that is not `false`.
 * @param what finishes the sentence "waited in vain until ..."
 * @throws Error after `seconds`, and what the condition throws
 */
export async function until<T>(
  condition: () => Promise<T | false> | T | false,
  what: string,
  seconds = 30,
  pollMs = 20,
): Promise<T> {
  const end = performance.now() + seconds * 1_000;
  for (;;) {
    const found = await condition();
    if (found !== false) return found;
    if (performance.now() > end) throw new Error(`waited in vain until ${what}`);
    await sleep(pollMs);
  }
}
