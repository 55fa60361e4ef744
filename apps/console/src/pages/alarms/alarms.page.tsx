import type { AlarmAnswer } from "@call-ledger/contract/alerts";
import { BellOff, CircleCheck, History } from "lucide-react";
import { useState } from "react";
import { useMay } from "../../app/session.tsx";
import { Button } from "../../components/button.tsx";
import { Loaded } from "../../components/loaded.tsx";
import { Card, endCell, Page, Table } from "../../components/page.tsx";
import { State } from "../../components/state.tsx";
import { Time } from "../../components/time.tsx";
import { span } from "../../format/dates.ts";
import { t, word } from "../../text/text.ts";
import type { Whose } from "./alarm-routes.ts";
import styles from "./alarms.module.css";
import { Channels } from "./channels.tsx";
import { OpenAlarm, scopeText } from "./open-alarm.tsx";
import { RunbookDialog } from "./runbook.tsx";
import { useOpenAlarms, usePastAlarms } from "./use-alarms.ts";

/** The alarms of an organization and their channels. */
export function AlarmsPage() {
  return <Alarms whose="organization" />;
}

/** The alarms of the installation and of all organizations, for the operator. */
export function InstallationAlarmsPage() {
  return <Alarms whose="installation" />;
}

function Alarms({ whose }: { whose: Whose }) {
  const open = useOpenAlarms(whose);
  const mayChange = useMay("alerts:write");
  const [runbook, setRunbook] = useState<AlarmAnswer>();
  return (
    <Page
      title={t(whose === "organization" ? "alarms.title" : "alarms.allTitle")}
      about={t(whose === "organization" ? "alarms.about" : "alarms.allAbout")}
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
                  <OpenAlarm
                    key={alarm.id}
                    alarm={alarm}
                    whose={whose}
                    mayChange={mayChange}
                    onRunbook={() => setRunbook(alarm)}
                  />
                ))}
              </ul>
            )
          }
        </Loaded>
      </Card>
      {mayChange && <Channels whose={whose} />}
      <PastAlarms whose={whose} onRunbook={setRunbook} />
      {runbook !== undefined && <RunbookDialog alarm={runbook} onClose={() => setRunbook(undefined)} />}
    </Page>
  );
}

function PastAlarms({ whose, onRunbook }: { whose: Whose; onRunbook: (alarm: AlarmAnswer) => void }) {
  const past = usePastAlarms(whose);
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
                <PastAlarm key={alarm.id} alarm={alarm} whose={whose} onRunbook={() => onRunbook(alarm)} />
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

function PastAlarm({ alarm, whose, onRunbook }: { alarm: AlarmAnswer; whose: Whose; onRunbook: () => void }) {
  const { condition, opened_at: openedAt, closed_at: closedAt, acknowledged_by: by } = alarm;
  return (
    <tr>
      <td>
        <b>{word("alarm", condition)}</b>
        <div className={styles.scope}>{scopeText(alarm, whose)}</div>
      </td>
      <td>
        <Time at={openedAt} />
      </td>
      <td>{closedAt !== null && span((Date.parse(closedAt) - Date.parse(openedAt)) / 1_000)}</td>
      <td>{by ?? (alarm.notified_at === null ? <NobodyTold /> : "–")}</td>
      <td className={endCell}>
        <Button look="quiet" onClick={onRunbook}>
          {t("alarms.runbook")}
        </Button>
      </td>
    </tr>
  );
}

/** Shown for a past alarm that was muted all the time. */
function NobodyTold() {
  return (
    <span className={styles.scope}>
      <BellOff size={13} aria-hidden /> {t("alarms.nobodyTold")}
    </span>
  );
}
