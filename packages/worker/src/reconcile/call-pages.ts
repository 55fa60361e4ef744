import type { CallPage, CallWindow, FetchedCall } from "@call-ledger/providers";

/** All calls of the part of a window that ends at `until`, after the pages before it. */
export type WholePage = CallPage & {
  readonly until: number;
  /** So many calls stand in one millisecond that the list may have left some out. */
  readonly isCrowded: boolean;
};

/** How full a page is meant to be: a full one may have left calls out, and is asked for again in parts. */
const WANTED_SHARE = 0.7;
const MAX_GROWTH = 4;

/**
 * The calls of a window, the oldest part first. Nothing is supposed of the order of the list: a page that is full is
 * dropped, and its part of the window made smaller, by how close together its calls stand. `list` gives `null` for an
 * answer that is too large.
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
    yield { ...(page ?? { calls: [], unreadable: 0 }), until: to, isCrowded: isFull };
    width = (to - from) * Math.min(MAX_GROWTH, (pageSize * WANTED_SHARE) / Math.max(1, length));
    from = to;
  }
}

/** Milliseconds from the first to the last of some calls. */
function spanOf(calls: readonly FetchedCall[], by: CallWindow["by"]): number {
  const times = calls.map((call) => (by === "created" ? call.createdAt : call.changedAt));
  return times.length === 0 ? 0 : Math.max(...times) - Math.min(...times);
}
