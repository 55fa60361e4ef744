import { useNavigate } from "@tanstack/react-router";
import { ArrowDown, ArrowUp } from "lucide-react";
import { t } from "../../text/text.ts";
import styles from "./calls.module.css";
import type { CallsSearch } from "./calls-search.ts";

const SORTED = { started: "start", duration: "duration", cost: "cost" } as const;

/** The headings of the list of calls, three of which change its order. */
export function Headings({ search, showsCost }: { search: CallsSearch; showsCost: boolean }) {
  return (
    <div role="row" aria-rowindex={1} className={styles.heading}>
      <span role="columnheader" className={styles.status}>
        {t("calls.status")}
      </span>
      <span role="columnheader" className={styles.caller}>
        {t("calls.caller")}
      </span>
      <span role="columnheader" className={styles.agent}>
        {t("calls.agent")}
      </span>
      <span role="columnheader" className={styles.reason}>
        {t("calls.reason")}
      </span>
      <span role="columnheader" className={styles.recording}>
        <span className="visually-hidden">{t("calls.recording")}</span>
      </span>
      <SortHeading column="started" text={t("calls.time")} search={search} />
      <SortHeading column="duration" text={t("calls.duration")} search={search} />
      {showsCost && <SortHeading column="cost" text={t("calls.cost")} search={search} />}
    </div>
  );
}

function SortHeading({
  column,
  text,
  search,
}: {
  column: keyof typeof SORTED;
  text: string;
  search: CallsSearch;
}) {
  const navigate = useNavigate({ from: "/calls" });
  const sort = SORTED[column];
  const isSorted = (search.sort ?? "start") === sort;
  const ascends = search.order === "asc";
  const Arrow = ascends ? ArrowUp : ArrowDown;
  const next = {
    sort: sort === "start" ? undefined : sort,
    order: isSorted && !ascends ? "asc" : undefined,
  };
  return (
    <span
      role="columnheader"
      className={styles[column]}
      aria-sort={isSorted ? (ascends ? "ascending" : "descending") : "none"}
    >
      <button
        type="button"
        className={styles.sort}
        title={t("calls.sortBy", { name: text })}
        onClick={() => void navigate({ search: (now) => ({ ...now, ...next }) })}
      >
        {text}
        {isSorted && <Arrow size={12} aria-hidden />}
      </button>
    </span>
  );
}
