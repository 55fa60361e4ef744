import type { HousekeepingJob } from "@call-ledger/contract/operations";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Fragment } from "react";
import { request } from "../../api/client.ts";
import { ShowLink } from "../../app/shown.tsx";
import { Badge } from "../../components/badge.tsx";
import { Loaded } from "../../components/loaded.tsx";
import { Card, endCell, Table } from "../../components/page.tsx";
import { Time } from "../../components/time.tsx";
import { interval } from "../../format/dates.ts";
import { milliseconds } from "../../format/numbers.ts";
import { t, word } from "../../text/text.ts";
import styles from "./health.module.css";
import { resultWords } from "./result-words.ts";

const REFRESH_MS = 5_000;

/** The housekeeping jobs: what each does, when it ran, and its last result. `late`: names of jobs that are late. */
export function Housekeeping({ late }: { late: readonly string[] }) {
  const jobs = useQuery({
    queryKey: ["housekeeping"],
    queryFn: ({ signal }) => request("GET", "/housekeeping", { signal }),
    refetchInterval: REFRESH_MS,
  });
  return (
    <Card title={t("health.housekeeping")} flush>
      <Loaded query={jobs}>
        {({ data }) => (
          <div className={styles.jobs}>
            <Table
              label={t("health.housekeeping")}
              headings={[
                t("health.job"),
                t("health.result"),
                t("health.lastSuccess"),
                t("health.nextRun"),
                { text: t("deliveries.took"), end: true },
              ]}
            >
              {data.map((job) => (
                <Job key={job.name} job={job} isLate={late.includes(job.name)} />
              ))}
            </Table>
          </div>
        )}
      </Loaded>
    </Card>
  );
}

function Job({ job, isLate }: { job: HousekeepingJob; isLate: boolean }) {
  return (
    <tr>
      <td>
        {word("job", job.name)}
        <div className={styles.every}>
          {t("health.every", { time: interval(job.every_seconds) })} <code>{job.name}</code>
        </div>
      </td>
      <td>
        <Result job={job} />
      </td>
      <td>
        {job.succeeded_at === null ? t("health.never") : <Time at={job.succeeded_at} form="relative" />}{" "}
        {isLate && <Badge tone="amber">{t("health.late")}</Badge>}
      </td>
      <td>
        {Date.parse(job.next_run_at) < Date.now() ? (
          t("health.due")
        ) : (
          <Time at={job.next_run_at} form="relative" />
        )}
      </td>
      <td className={endCell}>{job.took_ms === null ? "–" : milliseconds(job.took_ms)}</td>
    </tr>
  );
}

function Result({ job: { name, error, result, finished_at: finishedAt } }: { job: HousekeepingJob }) {
  if (error !== null)
    return (
      <Badge tone="red" wraps>
        {error}
      </Badge>
    );
  if (finishedAt === null) return "–";
  const { facts, alert } = resultWords(result);
  return (
    <>
      {facts.length === 0 && alert === null && t("health.nothingToDo")}
      {facts.map(({ name: fact, text }, at) => (
        <Fragment key={fact}>
          {at > 0 && ", "}
          <Fact job={name} fact={fact} text={text} />
        </Fragment>
      ))}
      {alert !== null && <p className={styles.alert}>{alert}</p>}
    </>
  );
}

/** Where the objects are that a job counts. The job that frees recordings counts them by their state. */
const PLACES: Readonly<Record<string, "/operator/alarms" | "/operator/quarantine">> = {
  alarms: "/operator/alarms",
  quarantine_age: "/operator/quarantine",
};
const FREES_RECORDINGS = "expired_leases";

/** A number of a result. What a job has removed is nowhere any more; all else is a link. */
function Fact({ job, fact, text }: { job: string; fact: string; text: string }) {
  const place = PLACES[job];
  if (place !== undefined && !fact.endsWith("dropped")) return <Link to={place}>{text}</Link>;
  if (job === FREES_RECORDINGS && fact !== "given_back") return <ShowLink show={fact}>{text}</ShowLink>;
  return text;
}
