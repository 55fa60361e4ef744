import { Link } from "@tanstack/react-router";
import { Loaded } from "../../components/loaded.tsx";
import { Card, Table } from "../../components/page.tsx";
import { Time } from "../../components/time.tsx";
import { t, word } from "../../text/text.ts";
import { PAGE_OF } from "../alarms/alarm-routes.ts";
import { AlarmState, AlarmSummary, durationOf, scopeText } from "../alarms/open-alarm.tsx";
import { useAlarmLevel, useLatestAlarmsHere } from "../alarms/use-alarms.ts";
import styles from "./completeness.module.css";

const SHOWN = 10;

/** The newest alarms, open or over: why deliveries did not come in the days above. */
export function LatestAlarms() {
  const level = useAlarmLevel();
  const latest = useLatestAlarmsHere(SHOWN);
  return (
    <Card
      title={t("completeness.alarms")}
      actions={<Link to={PAGE_OF[level]}>{t("completeness.allAlarms")}</Link>}
      flush
    >
      <Loaded query={latest} rows={2}>
        {({ data }) =>
          data.length === 0 ? (
            <p className={styles.none}>{t("completeness.noAlarms")}</p>
          ) : (
            <Table
              label={t("completeness.alarms")}
              headings={[t("alarms.what"), t("completeness.why"), t("alarms.since"), t("alarms.lasted")]}
            >
              {data.map((alarm) => (
                <tr key={alarm.id}>
                  <td>
                    <b>{word("alarm", alarm.condition)}</b>
                    <div className={styles.scope}>{scopeText(alarm, level)}</div>
                  </td>
                  <td>
                    <AlarmSummary alarm={alarm} />
                  </td>
                  <td>
                    <Time at={alarm.opened_at} />
                  </td>
                  <td>{alarm.closed_at === null ? <AlarmState alarm={alarm} /> : durationOf(alarm)}</td>
                </tr>
              ))}
            </Table>
          )
        }
      </Loaded>
    </Card>
  );
}
