import type { CallSummary } from "@call-ledger/contract/calls";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowUp } from "lucide-react";
import { useCallback, useEffect, useMemo } from "react";
import { useMedia } from "../../app/media.ts";
import { useMay } from "../../app/session.tsx";
import { Button } from "../../components/button.tsx";
import { classes } from "../../components/classes.ts";
import { Skeleton } from "../../components/state.tsx";
import { countOrMore } from "../../format/numbers.ts";
import type { TextKey } from "../../text/text.ts";
import { counted, t } from "../../text/text.ts";
import { useActiveRow } from "./active-row.ts";
import { CallRow } from "./call-row.tsx";
import styles from "./calls.module.css";
import { Headings } from "./calls-headings.tsx";
import type { CallsSearch } from "./calls-search.ts";
import { CLOSED, callsSearch } from "./calls-search.ts";
import { useCloseCall } from "./close-call.ts";
import type { CallList } from "./live-calls.ts";

type Item =
  | { readonly kind: "heading"; readonly text: TextKey; readonly count: string | null }
  | { readonly kind: "call"; readonly call: CallSummary };

const HEADING_PX = 30;
const SKELETON_ROWS = 14;
/** Rows that are drawn above and below the visible ones. */
const OVERSCAN_ROWS = 8;
/** More rows are loaded when so many loaded ones are left below. */
const LOOK_AHEAD_ROWS = 20;

export function CallsTable({
  list,
  search,
  scroller,
}: {
  list: CallList;
  search: CallsSearch;
  scroller: React.RefObject<HTMLDivElement | null>;
}) {
  const showsCost = useMay("costs:read");
  const items = useMemo(() => itemsOf(list), [list.live, list.rest, list.hasMoreLive]);
  const rowPx = useRowHeight();
  const virtual = useRows(items, rowPx, scroller);
  const shown = virtual.getVirtualItems();
  useMoreCalls(list, items.length - (shown.at(-1)?.index ?? 0));
  const openCall = useOpenCall();
  const hrefOf = useCallHref(search);
  const calls = useMemo(() => items.map((item) => (item.kind === "call" ? item.call.id : null)), [items]);
  const active = useActiveRow(
    calls,
    search.call,
    (at) => virtual.scrollToIndex(at, { align: "auto" }),
    openCall,
  );

  return (
    <div className={styles.scroller} ref={scroller} data-testid="calls">
      <div
        role="table"
        aria-label={t("calls.tableLabel")}
        className={classes(styles.table, !showsCost && styles.withoutCost)}
        aria-rowcount={list.hasMore ? -1 : items.length + 1}
      >
        <div role="rowgroup" className={styles.headings}>
          <Headings search={search} showsCost={showsCost} />
        </div>
        <NewCalls list={list} scroller={scroller} />
        <div
          role="rowgroup"
          className={styles.rows}
          style={{ height: list.isPending ? SKELETON_ROWS * rowPx : virtual.getTotalSize() }}
        >
          {list.isPending
            ? skeletonRows(rowPx, showsCost)
            : shown.map(({ index, key, start }) => {
                const item = items[index];
                if (item === undefined) return null;
                if (item.kind === "heading") return <GroupHeading key={key} item={item} top={start} />;
                return (
                  <CallRow
                    key={key}
                    call={item.call}
                    index={index + 1}
                    top={start}
                    showsCost={showsCost}
                    isActive={item.call.id === active}
                    isOpen={item.call.id === search.call}
                    href={hrefOf(item.call.id)}
                    onOpen={openCall}
                  />
                );
              })}
        </div>
      </div>
      {list.isLoadingMore && <div className={styles.more}>{t("common.loading")}</div>}
    </div>
  );
}

/** Loads more calls before the last ones are shown. */
function useMoreCalls({ hasMore, loadMore }: CallList, rowsBelow: number): void {
  useEffect(() => {
    if (hasMore && rowsBelow <= LOOK_AHEAD_ROWS) loadMore();
  }, [hasMore, loadMore, rowsBelow]);
}

function skeletonRows(rowPx: number, showsCost: boolean) {
  return Array.from({ length: SKELETON_ROWS }, (_, at) => (
    <SkeletonRow key={at} top={at * rowPx} showsCost={showsCost} />
  ));
}

/** Offers the calls that came while the list was read further down. */
function NewCalls({ list, scroller }: Pick<Parameters<typeof CallsTable>[0], "list" | "scroller">) {
  if (list.newCalls === 0) return null;
  return (
    <div className={styles.newCalls}>
      <Button
        look="primary"
        onClick={() => {
          scroller.current?.scrollTo(0, 0);
          list.showNew();
        }}
      >
        <ArrowUp size={14} aria-hidden />
        {list.hasMoreNew
          ? t("calls.manyNewCalls", { count: countOrMore(list.newCalls, true) })
          : counted("calls.newCalls", list.newCalls)}
      </Button>
    </div>
  );
}

function useRows(items: readonly Item[], rowPx: number, scroller: React.RefObject<HTMLDivElement | null>) {
  // With another function the virtualizer computes the place of each row again.
  const getItemKey = useCallback((at: number) => keyOf(items[at], at), [items]);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: (at) => (items[at]?.kind === "heading" ? HEADING_PX : rowPx),
    getItemKey,
    overscan: OVERSCAN_ROWS,
  });
  useEffect(() => virtual.measure(), [virtual, rowPx]);
  return virtual;
}

function itemsOf({
  live,
  rest,
  hasMoreLive,
}: Pick<CallList, "live" | "rest" | "hasMoreLive">): readonly Item[] {
  const rows = (calls: readonly CallSummary[]): Item[] => calls.map((call) => ({ kind: "call", call }));
  if (live.length === 0) return rows(rest);
  return [
    { kind: "heading", text: "calls.live", count: countOrMore(live.length, hasMoreLive) },
    ...rows(live),
    ...(rest.length === 0 ? [] : [{ kind: "heading", text: "calls.rest", count: null } as const]),
    ...rows(rest),
  ];
}

function keyOf(item: Item | undefined, at: number): string | number {
  if (item === undefined) return at;
  return item.kind === "heading" ? item.text : item.call.id;
}

/** The browser goes back from an open call to the list, not from call to call. */
function useOpenCall(): (call: string | undefined) => void {
  const router = useRouter();
  const navigate = useNavigate({ from: "/calls" });
  const close = useCloseCall();
  return useCallback(
    (call) => {
      if (call === undefined) return close();
      const isOpen = callsSearch(router.state.location.search).call !== undefined;
      void navigate({
        search: (now) => ({ ...now, call, show: undefined }),
        state: isOpen ? true : { isCallOpened: true },
        resetScroll: false,
        replace: isOpen,
      });
    },
    [navigate, router, close],
  );
}

/** The address of the current list with a call open. */
function useCallHref(search: CallsSearch): (id: string) => string {
  const router = useRouter();
  const beforeId = useMemo(() => {
    const { href } = router.buildLocation({ to: "/calls", search: { ...search, ...CLOSED } });
    return `${href}${href.includes("?") ? "&" : "?"}call=`;
  }, [router, search]);
  return useCallback((id) => beforeId + id, [beforeId]);
}

/** The height of a row in the style sheet, which is greater for fingers and narrow screens. */
function useRowHeight(): number {
  const narrow = useMedia("(max-width: 1180px)");
  const coarse = useMedia("(pointer: coarse)");
  if (narrow) return 62;
  return coarse ? 44 : 38;
}

function GroupHeading({ item, top }: { item: Item & { kind: "heading" }; top: number }) {
  return (
    <div role="row" className={styles.group} style={{ transform: `translateY(${top}px)` }}>
      <span role="cell">
        {t(item.text)}
        {item.count !== null && <b>{item.count}</b>}
      </span>
    </div>
  );
}

function SkeletonRow({ top, showsCost }: { top: number; showsCost: boolean }) {
  return (
    <div className={styles.row} style={{ transform: `translateY(${top}px)` }}>
      <span className={styles.status}>
        <Skeleton width={84} />
      </span>
      <span className={styles.caller}>
        <Skeleton width={120} />
      </span>
      <span className={styles.agent}>
        <Skeleton width="60%" />
      </span>
      <span className={styles.reason}>
        <Skeleton width="70%" />
      </span>
      <span className={styles.recording} />
      <span className={styles.started}>
        <Skeleton width={92} />
      </span>
      <span className={styles.duration}>
        <Skeleton width={36} />
      </span>
      {showsCost && (
        <span className={styles.cost}>
          <Skeleton width={40} />
        </span>
      )}
    </div>
  );
}
