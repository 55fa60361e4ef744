import type { Instant } from "@call-ledger/domain";
import type { CallPage, CallWindow, FetchedCall } from "@call-ledger/providers";
import { EgressFault } from "../egress/egress-fault.ts";

/** All calls of a part of a window. */
export type WholePage = CallPage & {
  readonly since: Instant;
  readonly until: Instant;
  /** Whether one millisecond has so many calls that the list may have left out some. */
  readonly isCrowded: boolean;
};

/** The intended share of a page that is used. A full page may have left out calls, and is requested again in parts. */
const WANTED_SHARE = 0.7;
const MAX_GROWTH = 4;
/**
 * A part whose list has entries that cannot be read is divided down to this, because its days count as not compared.
 */
const MAX_UNREADABLE_MS = 3_600_000;

/**
 * Returns the calls of a window, the oldest part first. The order of the list does not matter: a full page is dropped,
 * and the part of the window is made smaller by the density of its calls. `list` returns `null` for an answer that is
 * too large. Throws EgressFault if the list ignores the window, because it would have to be divided for ever.
 */
export async function* callPages(
  { by, from: begin, to: end }: CallWindow,
  pageSize: number,
  list: (part: CallWindow) => Promise<CallPage | null>,
): AsyncGenerator<WholePage> {
  let from = begin;
  let width = end - begin;
  while (from < end) {
    const to = Math.min(end, from + Math.max(1, Math.floor(width)));
    const page = await list({ by, from, to });
    const length = page === null ? pageSize : page.calls.length + page.unreadable;
    const isFull = length >= pageSize;
    if (isFull && to - from > 1) {
      width = Math.min((to - from) / 2, spanOf(page?.calls ?? [], by) * WANTED_SHARE || Number.MAX_VALUE);
      continue;
    }
    if (page !== null && page.unreadable > 0 && to - from > MAX_UNREADABLE_MS) {
      width = Math.max(MAX_UNREADABLE_MS, (to - from) / 2);
      continue;
    }
    if (isFull && page !== null && !page.calls.some((call) => isWithin(timeOf(call, by), from, to))) {
      throw new EgressFault("unsuitable", "the API lists calls of other times than the requested one");
    }
    yield { ...(page ?? { calls: [], unreadable: 0 }), since: from, until: to, isCrowded: isFull };
    width = (to - from) * Math.min(MAX_GROWTH, (pageSize * WANTED_SHARE) / Math.max(1, length));
    from = to;
  }
}

/** Milliseconds between the first and the last of the calls. */
function spanOf(calls: readonly FetchedCall[], by: CallWindow["by"]): number {
  const times = calls.map((call) => timeOf(call, by));
  return times.length === 0 ? 0 : Math.max(...times) - Math.min(...times);
}

function timeOf({ createdAt, changedAt }: FetchedCall, by: CallWindow["by"]): Instant {
  return by === "created" ? createdAt : changedAt;
}

function isWithin(at: Instant, from: Instant, to: Instant): boolean {
  return at >= from && at < to;
}
