import { useSearch } from "@tanstack/react-router";
import { Download } from "lucide-react";
import { lazy, Suspense, useCallback, useMemo, useRef } from "react";
import { apiUrl } from "../../api/client.ts";
import { buttonClass } from "../../components/button.tsx";
import { leaveFocus } from "../../components/focus.ts";
import { useTitle } from "../../components/page.tsx";
import { t } from "../../text/text.ts";
import styles from "./calls.module.css";
import { callsQuery } from "./calls-search.ts";
import { CallsTable } from "./calls-table.tsx";
import { EmptyCalls } from "./empty-calls.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { FilterProblem } from "./filter-problem.tsx";
import { useCallList } from "./live-calls.ts";
import { LiveMark } from "./live-mark.tsx";
import { TestCallButton } from "./test-call-button.tsx";

const CallSheet = lazy(async () => ({
  default: (await import("../call/call-sheet.tsx")).CallSheet,
}));

/** Within so many pixels from the top, new calls are shown without a press. */
const TOP_PX = 40;

/** The list of calls. A chosen call opens in a sheet beside it. */
export function CallsPage() {
  useTitle(t("calls.title"));
  const search = useSearch({ from: "/inside/calls" });
  // Sorted, so that equal filters in another order have the same key.
  const filters = JSON.stringify(callsQuery(search), Object.keys(callsQuery(search)).sort());
  const query = useMemo<Record<string, string>>(() => JSON.parse(filters), [filters]);
  const scroller = useRef<HTMLDivElement>(null);
  const isAtTop = useCallback(() => (scroller.current?.scrollTop ?? 0) < TOP_PX, []);
  const list = useCallList(query, isAtTop);
  const isEmpty = !list.isPending && list.live.length + list.rest.length === 0 && !list.hasMore;
  const { sort: _sort, order: _order, ...selected } = query;
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <div className={styles.title}>
          <h1>{t("calls.title")}</h1>
          <LiveMark />
          <div className={styles.actions}>
            {!isEmpty && <TestCallButton />}
            <a
              className={buttonClass("plain", styles.export)}
              aria-label={t("calls.export")}
              href={apiUrl("/calls.csv", {}, selected)}
              download
              title={t("calls.exportAbout")}
            >
              <Download size={14} aria-hidden />
              <span>{t("calls.export")}</span>
            </a>
          </div>
        </div>
        <FilterBar search={search} />
      </header>
      <div className={styles.body}>
        {list.error !== null ? (
          <FilterProblem error={list.error} search={search} onRetry={list.retry} />
        ) : isEmpty ? (
          <div ref={leaveFocus}>
            <EmptyCalls search={search} />
          </div>
        ) : (
          <CallsTable list={list} search={search} scroller={scroller} />
        )}
      </div>
      {search.call !== undefined && (
        <Suspense>
          <CallSheet id={search.call} />
        </Suspense>
      )}
    </div>
  );
}
