import type { Attention } from "@call-ledger/contract/operations";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowRight, CircleCheck } from "lucide-react";
import { chosenOrganization } from "../../api/chosen-organization.ts";
import { request } from "../../api/client.ts";
import type { PagePath } from "../../app/navigation.ts";
import { Card } from "../../components/page.tsx";
import { ProblemState } from "../../components/problem.tsx";
import { TableSkeleton } from "../../components/state.tsx";
import { count } from "../../format/numbers.ts";
import { t, word } from "../../text/text.ts";
import type { CallsSearch } from "../calls/calls-search.ts";
import styles from "./overview.module.css";

const REFRESH_MS = 30_000;

type Row = {
  readonly name: string;
  readonly about: string;
  readonly count: number;
  readonly to: PagePath;
  readonly search?: CallsSearch;
};

/** What somebody should look at, each with the way there; first on the page, because the rest can wait. */
export function NeedsAttention() {
  const { data, error, refetch } = useQuery({
    queryKey: ["attention", chosenOrganization()],
    queryFn: ({ signal }) => request("GET", "/attention", { signal }),
    refetchInterval: REFRESH_MS,
  });
  const rows = data === undefined ? [] : rowsOf(data).filter((row) => row.count > 0);
  return (
    <Card title={t("overview.attention")} flush>
      {data === undefined && error === null && <TableSkeleton rows={2} />}
      {data === undefined && error !== null && <ProblemState error={error} onRetry={() => void refetch()} />}
      {data !== undefined && rows.length === 0 && (
        <p className={styles.calm}>
          <CircleCheck size={16} aria-hidden />
          {t("overview.calm")}
        </p>
      )}
      <ul>
        {rows.map(({ name, about, count: number, to, search }) => (
          <li key={name} className={styles.attention}>
            <b className={styles.number}>{count(number)}</b>
            <span>
              <Link to={to} {...(search === undefined ? {} : { search })} className={styles.cover ?? ""}>
                {name}
              </Link>
              <span className={styles.about}>{about}</span>
            </span>
            <ArrowRight size={15} aria-hidden />
          </li>
        ))}
      </ul>
    </Card>
  );
}

const REASONS = [
  ["missing_report", "overview.about.missing_report"],
  ["recording_failed", "overview.about.recording_failed"],
  ["no_caller_speech", "overview.about.no_caller_speech"],
  ["stuck", "overview.about.stuck"],
] as const;

function rowsOf(attention: Attention): Row[] {
  return [
    ...REASONS.map(([reason, about]) => ({
      name: word("attention", reason),
      about: t(about),
      count: attention.calls[reason],
      to: "/calls" as const,
      search: { attention: reason },
    })),
    {
      name: t("overview.nearDeadline"),
      about: t("overview.about.nearDeadline"),
      count: attention.recordings_near_deadline,
      to: "/calls",
      search: { recording_state: "pending,fetching,failed" },
    },
    {
      name: t("nav.quarantine"),
      about: t("overview.about.quarantined"),
      count: attention.quarantined ?? 0,
      to: "/operator/quarantine",
    },
    {
      name: t("overview.silentAccounts"),
      about: (attention.silent_accounts ?? []).map(({ name, provider }) => name ?? provider).join(", "),
      count: attention.silent_accounts?.length ?? 0,
      to: "/operator/accounts",
    },
  ];
}
