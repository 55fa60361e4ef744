import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { request } from "../../api/client.ts";
import { Badge } from "../../components/badge.tsx";
import { Loaded } from "../../components/loaded.tsx";
import { Below, Card, Facts, Page } from "../../components/page.tsx";
import { Time } from "../../components/time.tsx";
import { span } from "../../format/dates.ts";
import { count, megabytes } from "../../format/numbers.ts";
import { counted, t, word } from "../../text/text.ts";
import styles from "./health.module.css";
import { Housekeeping } from "./housekeeping.tsx";
import { RecordingsCard } from "./recordings.tsx";

const REFRESH_MS = 5_000;
const TONES = { ok: "green", degraded: "amber", error: "red" } as const;

/** The health of the service: its parts, the recordings, the room in the database, the housekeeping. */
export function HealthPage() {
  const health = useQuery({
    queryKey: ["health"],
    queryFn: ({ signal }) => request("GET", "/health/details", { signal }),
    refetchInterval: REFRESH_MS,
    // The next reading is the repetition: a failure has to be seen at once.
    retry: false,
  });
  return (
    <Page title={t("health.title")}>
      <Loaded query={health} inCards onlyFresh>
        {(data) => (
          <div className={styles.pair}>
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
                  [
                    t("nav.quarantine"),
                    data.quarantined === null ? null : (
                      <Link key="q" to="/operator/quarantine">
                        {counted("health.quarantined", data.quarantined)}
                      </Link>
                    ),
                  ],
                  [t("health.uptime"), span(data.uptime)],
                  [t("health.version"), data.version && <code>{data.version}</code>],
                  [t("health.commit"), data.commit && <code>{data.commit.slice(0, 10)}</code>],
                  [
                    t("health.migration"),
                    data.migration && (
                      <>
                        {data.migration.number} <code>{data.migration.tag}</code>
                      </>
                    ),
                  ],
                ]}
              />
            </Card>
            <div>
              <DatabaseCard size={data.database_size_mb} storage={data.storage} />
              {data.recordings !== null && <RecordingsCard counts={data.recordings} />}
            </div>
          </div>
        )}
      </Loaded>
      <Below isLoading={health.isPending}>
        <Housekeeping late={health.data?.housekeeping?.late ?? []} />
      </Below>
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
          t(storage.growth_mb_per_day < 0 ? "health.shrinkage" : "health.growth", {
            size: megabytes(Math.abs(storage.growth_mb_per_day)),
          })}{" "}
        {storage.days_left !== null && t("health.daysLeft", { days: count(Math.floor(storage.days_left)) })}
      </p>
    </Card>
  );
}
