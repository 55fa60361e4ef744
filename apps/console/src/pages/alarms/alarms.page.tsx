import type { AlarmAnswer } from "@call-ledger/contract/alerts";
import { BellOff, CircleCheck, History } from "lucide-react";
import { useMay } from "../../app/session.tsx";
import { ShowLink, useShown } from "../../app/shown.tsx";
import { Button, buttonClass } from "../../components/button.tsx";
import { Loaded } from "../../components/loaded.tsx";
import { Below, Card, endCell, Page, Table } from "../../components/page.tsx";
import { State } from "../../components/state.tsx";
import { Time } from "../../components/time.tsx";
import { t, word } from "../../text/text.ts";
import type { AlarmLevel } from "./alarm-routes.ts";
import styles from "./alarms.module.css";
import { Channels, useChannels } from "./channels.tsx";
import { AlarmSummary, durationOf, OpenAlarm, scopeText } from "./open-alarm.tsx";
import { RunbookDialog } from "./runbook.tsx";
import { useOpenAlarms, usePastAlarms } from "./use-alarms.ts";

/** The alarms of an organization and their channels. */
export function AlarmsPage() {
  return <Alarms level="organization" />;
}

/** The alarms of the installation and of all organizations, for the operator. */
export function InstallationAlarmsPage() {
  return <Alarms level="installation" />;
}

function Alarms({ level }: { level: AlarmLevel }) {
  const open = useOpenAlarms(level);
  const past = usePastAlarms(level);
  const mayChange = useMay("alerts:write");
  const channels = useChannels(level, mayChange);
  return (
    <Page
      title={t(level === "organization" ? "alarms.title" : "alarms.allTitle")}
      about={t(level === "organization" ? "alarms.about" : "alarms.allAbout")}
    >
      <Card title={t("alarms.open")} flush>
        <Loaded query={open} rows={2}>
          {({ data }) =>
            data.length === 0 ? (
              <p className={styles.calm}>
                <CircleCheck size={16} aria-hidden />
                {t("alarms.calm")}
              </p>
            ) : (
              <ul aria-label={t("alarms.open")}>
                {data.map((alarm) => (
                  <OpenAlarm key={alarm.id} alarm={alarm} level={level} mayChange={mayChange} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </Card>
      {mayChange && (
        <Below isLoading={open.isPending}>
          <Channels level={level} channels={channels} />
        </Below>
      )}
      <Below isLoading={open.isPending || channels.isLoading}>
        <PastAlarms level={level} past={past} />
      </Below>
      <ShownRunbook
        alarms={[...(open.data?.data ?? []), ...(past.data?.pages ?? []).flatMap(({ data }) => data)]}
      />
    </Page>
  );
}

/** The runbook of the alarm that the URL names. */
function ShownRunbook({ alarms }: { alarms: readonly AlarmAnswer[] }) {
  const [shown, hide] = useShown();
  const alarm = alarms.find(({ id }) => id === shown);
  return alarm === undefined ? null : <RunbookDialog key={alarm.id} alarm={alarm} onClose={hide} />;
}

function PastAlarms({ level, past }: { level: AlarmLevel; past: ReturnType<typeof usePastAlarms> }) {
  return (
    <Card title={t("alarms.history")} flush>
      <Loaded query={past} rows={2}>
        {({ pages }) => {
          const alarms = pages.flatMap(({ data }) => data);
          if (alarms.length === 0) {
            return (
              <State icon={<History size={18} aria-hidden />} title={t("alarms.noHistoryTitle")}>
                <p>{t("alarms.noHistory")}</p>
              </State>
            );
          }
          return (
            <Table
              label={t("alarms.history")}
              headings={[
                t("alarms.what"),
                t("alarms.since"),
                t("alarms.lasted"),
                t("alarms.lookedAfter"),
                "",
              ]}
            >
              {alarms.map((alarm) => (
                <PastAlarm key={alarm.id} alarm={alarm} level={level} />
              ))}
            </Table>
          );
        }}
      </Loaded>
      {past.hasNextPage && (
        <div className={styles.more}>
          <Button busy={past.isFetchingNextPage} onClick={() => void past.fetchNextPage()}>
            {t("common.more")}
          </Button>
        </div>
      )}
    </Card>
  );
}

function PastAlarm({ alarm, level }: { alarm: AlarmAnswer; level: AlarmLevel }) {
  const { condition, opened_at: openedAt, acknowledged_by: by } = alarm;
  return (
    <tr>
      <td>
        <b>{word("alarm", condition)}</b>
        <div className={styles.scope}>{scopeText(alarm, level)}</div>
        <div className={styles.scope}>
          <AlarmSummary alarm={alarm} /> {alarm.notified_at === null && <NotSent />}
        </div>
      </td>
      <td>
        <Time at={openedAt} />
      </td>
      <td>{durationOf(alarm)}</td>
      <td>{by ?? "–"}</td>
      <td className={endCell}>
        <ShowLink show={alarm.id} className={buttonClass("quiet")}>
          {t("alarms.runbook")}
        </ShowLink>
      </td>
    </tr>
  );
}

/** Shown for a past alarm that was muted all the time. */
function NotSent() {
  return (
    <span className={styles.notSent}>
      <BellOff size={13} aria-hidden /> {t("alarms.notSent")}
    </span>
  );
}
