import { setTimeout as sleep } from "node:timers/promises";

/**
 * Resolves with the condition's result when it is not `false`. `what` completes the sentence "waited in vain until
 * ...". Throws an Error after `seconds`, and the errors of the condition.
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
