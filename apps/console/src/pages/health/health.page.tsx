import { useQuery } from "@tanstack/react-query";
import { request } from "../../api/client.ts";
import { Badge } from "../../components/badge.tsx";
import { Loaded } from "../../components/loaded.tsx";
import { Card, endCell, Facts, Page, Table } from "../../components/page.tsx";
import { Time } from "../../components/time.tsx";
import { count, duration, milliseconds } from "../../format/numbers.ts";
import { t, word } from "../../text/text.ts";
import styles from "./health.module.css";

const REFRESH_MS = 5_000;
const TONES = { ok: "green", degraded: "amber", error: "red" } as const;

/** The health of the service: its parts, the recordings, the room in the database, the housekeeping. */
export function HealthPage() {
  const health = useQuery({
    queryKey: ["health"],
    queryFn: ({ signal }) => request("GET", "/health/details", { signal }),
    refetchInterval: REFRESH_MS,
  });
  return (
    <Page title={t("health.title")}>
      <Loaded query={health}>
        {(data) => (
          <>
            <Card
              title={t("health.service")}
              actions={
                <Badge tone={TONES[data.status]} dot>
                  {word("health", data.status)}
                </Badge>
              }
            >
              <Facts
                facts={[
                  [t("health.database"), <Service key="d" works={data.services.database} />],
                  [t("health.storage"), <Service key="s" works={data.services.supabase} />],
                  [t("health.worker"), <Service key="w" works={data.services.backgroundJobs} />],
                  [
                    t("health.lastEvent"),
                    data.last_event_at && <Time at={data.last_event_at} form="relative" />,
                  ],
                  [t("health.uptime"), duration(data.uptime)],
                  [t("health.version"), data.version && <code>{data.version}</code>],
                  [t("health.commit"), data.commit && <code>{data.commit.slice(0, 10)}</code>],
                  [
                    t("health.migration"),
                    data.migration && `${data.migration.number} ${data.migration.tag ?? ""}`,
                  ],
                ]}
              />
            </Card>
            <DatabaseCard size={data.database_size_mb} storage={data.storage} />
            {data.recordings !== null && (
              <Card title={t("health.recordings")}>
                <Facts
                  facts={Object.entries(data.recordings).map(([state, number]) => [
                    word("recording", state),
                    number === null ? null : count(number),
                  ])}
                />
              </Card>
            )}
          </>
        )}
      </Loaded>
      <Housekeeping />
    </Page>
  );
}

function Service({ works }: { works: boolean }) {
  return (
    <Badge tone={works ? "green" : "red"} dot plain>
      {works ? t("health.works") : t("health.fails")}
    </Badge>
  );
}

type Room = { limit_mb: number; growth_mb_per_day: number | null; days_left: number | null };

/** How full the database is, and how long the rest will last. */
function DatabaseCard({ size, storage }: { size: number | null; storage: Room | null }) {
  if (size === null || storage === null) return null;
  const share = Math.min(1, size / storage.limit_mb);
  return (
    <Card title={t("health.room")}>
      <meter
        className={styles.meter}
        aria-label={t("health.room")}
        min={0}
        max={storage.limit_mb}
        low={storage.limit_mb * 0.8}
        high={storage.limit_mb * 0.96}
        optimum={0}
        value={size}
      />
      <p>
        {t("health.used", {
          size: count(Math.round(size)),
          limit: count(storage.limit_mb),
          share: Math.round(share * 100),
        })}{" "}
        {storage.growth_mb_per_day !== null &&
          t("health.growth", { size: storage.growth_mb_per_day.toFixed(1) })}{" "}
        {storage.days_left !== null && t("health.daysLeft", { days: count(Math.floor(storage.days_left)) })}
      </p>
    </Card>
  );
}

function Housekeeping() {
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
                t("health.lastSuccess"),
                t("health.nextRun"),
                { text: t("deliveries.took"), end: true },
                t("health.result"),
              ]}
            >
              {data.map((job) => (
                <tr key={job.name}>
                  <td>{job.name.replaceAll("_", " ")}</td>
                  <td>
                    {job.succeeded_at === null ? (
                      t("health.never")
                    ) : (
                      <Time at={job.succeeded_at} form="relative" />
                    )}
                  </td>
                  <td>
                    <Time at={job.next_run_at} form="relative" />
                  </td>
                  <td className={endCell}>{job.took_ms === null ? "–" : milliseconds(job.took_ms)}</td>
                  <td>
                    {job.error === null ? (
                      <code>{job.result === null ? "" : JSON.stringify(job.result)}</code>
                    ) : (
                      <Badge tone="red">{job.error}</Badge>
                    )}
                  </td>
                </tr>
              ))}
            </Table>
          </div>
        )}
      </Loaded>
    </Card>
  );
}
