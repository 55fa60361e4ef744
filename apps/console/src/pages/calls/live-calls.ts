import type { CallSummary } from "@call-ledger/contract/calls";
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { chosenOrganization } from "../../api/chosen-organization.ts";
import { request } from "../../api/client.ts";
import { useGatheredChanges } from "../../api/gathered-changes.ts";
import { isLive } from "../../components/call-status.tsx";
import type { Page, Pages } from "./call-pages.ts";
import { keptPages, keptRows, patched, rowsBeside } from "./call-pages.ts";

const PAGE_ROWS = 50;
const MAX_LIVE = 100;
const LIVE_PHASES = "queued,ringing,in_progress,forwarding";
/** The max number of further pages that are read again after one gathering. */
const MAX_OLD_PAGES = 2;

export type CallList = {
  readonly live: readonly CallSummary[];
  /** Whether more calls are live than `live` has. */
  readonly hasMoreLive: boolean;
  readonly rest: readonly CallSummary[];
  readonly isPending: boolean;
  readonly error: Error | null;
  readonly hasMore: boolean;
  readonly isLoadingMore: boolean;
  /** The number of new calls that the list does not show, because it is scrolled down: at least that many. */
  readonly newCalls: number;
  readonly hasMoreNew: boolean;
  loadMore(): void;
  retry(): void;
  /** Shows the list from its beginning. */
  showNew(): void;
};

/**
 * The calls that a query selects, kept up to date by the stream. At its top the list shows the newest calls. While it
 * is scrolled down, its rows change in place and new calls are only counted, so that the page does not jump.
 */
export function useCallList(query: Readonly<Record<string, string>>, isAtTop: () => boolean): CallList {
  const key = useMemo(() => ["calls", chosenOrganization(), query] as const, [query]);
  const ask = useCallback(
    (cursor: string | undefined, signal?: AbortSignal): Promise<Page> =>
      request("GET", "/calls", {
        query: { ...query, cursor, limit: PAGE_ROWS },
        ...(signal === undefined ? {} : { signal }),
      }),
    [query],
  );
  const list = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => ask(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    // The stream decides when to read again.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnMount: "always",
    structuralSharing: (old, fresh) => keptPages(old as Pages | undefined, fresh as Pages),
  });
  const live = useLiveCalls(query, key);
  const { newCalls, setNewCalls, refresh } = useRefresh(key, ask, isAtTop);
  const { refetch: refetchLive } = live;
  useGatheredChanges((changed) => Promise.allSettled([refresh(changed), refetchLive()]));

  const client = useQueryClient();
  const { data } = list;
  const hoisted = useMemo(() => (live.data?.data ?? []).filter(isHoisted), [live.data]);
  const rest = useMemo(() => rowsBeside(hoisted, data?.pages ?? []), [data, hoisted]);
  return {
    live: hoisted,
    hasMoreLive: live.data?.data.length === MAX_LIVE && live.data.next_cursor !== null,
    rest,
    isPending: list.isPending,
    error: data === undefined ? list.error : null,
    hasMore: list.hasNextPage,
    isLoadingMore: list.isFetchingNextPage,
    newCalls,
    hasMoreNew: newCalls === PAGE_ROWS,
    loadMore: () => {
      if (list.hasNextPage && !list.isFetching) void list.fetchNextPage();
    },
    retry: () => void list.refetch(),
    showNew: () => {
      setNewCalls(0);
      void client.resetQueries({ queryKey: key });
    },
  };
}

/** The calls that are going on; none if the filters or the order exclude them. */
function useLiveCalls(query: Readonly<Record<string, string>>, key: readonly unknown[]) {
  const stands = query.phase === undefined && query.outcome === undefined && query.sort === undefined;
  return useQuery({
    queryKey: ["live", ...key],
    queryFn: async ({ signal }) =>
      stands
        ? request("GET", "/calls", {
            query: { attention: "none", ...query, phase: LIVE_PHASES, limit: MAX_LIVE },
            signal,
          })
        : { data: [], next_cursor: null },
    placeholderData: keepPreviousData,
    refetchOnMount: "always",
    structuralSharing: (old, fresh) => keptRows([old as Page | undefined], fresh as Page),
  });
}

/** Returns a function that updates the list after changes. */
function useRefresh(
  key: readonly unknown[],
  ask: (cursor: string | undefined) => Promise<Page>,
  isAtTop: () => boolean,
) {
  const client = useQueryClient();
  const [newCalls, setNewCalls] = useState(0);
  const refresh = async (changed: ReadonlySet<string>): Promise<void> => {
    const fresh = await ask(undefined);
    const old = client.getQueryData<Pages>(key);
    if (old === undefined || isAtTop()) {
      setNewCalls(0);
      client.setQueryData<Pages>(key, { pages: [fresh], pageParams: [undefined] });
      return;
    }
    const known = new Set(old.pages.flatMap(({ data }) => data.map(({ id }) => id)));
    setNewCalls(fresh.data.filter(({ id }) => !known.has(id)).length);
    const below = await readAgain(old, changed, new Set(fresh.data.map(({ id }) => id)), ask);
    const rows = new Map([fresh, ...below].flatMap(({ data }) => data.map((row) => [row.id, row] as const)));
    client.setQueryData<Pages>(
      key,
      (now) => now && { ...now, pages: now.pages.map((page) => patched(page, rows)) },
    );
  };
  return { newCalls, setNewCalls, refresh };
}

/** Whether a live call is shown above the list. A call marked as stuck stays at its place. */
function isHoisted(call: CallSummary): boolean {
  return isLive(call) && !call.attention.includes("stuck");
}

/** Reads those pages again that have changed calls, if the first page does not have them. */
async function readAgain(
  { pages, pageParams }: Pages,
  changed: ReadonlySet<string>,
  fresh: ReadonlySet<string>,
  ask: (cursor: string | undefined) => Promise<Page>,
): Promise<readonly Page[]> {
  const cursors = pages.flatMap((page, index) =>
    page.data.some(({ id }) => changed.has(id) && !fresh.has(id)) ? [pageParams[index]] : [],
  );
  return Promise.all(cursors.slice(0, MAX_OLD_PAGES).map((cursor) => ask(cursor)));
}
