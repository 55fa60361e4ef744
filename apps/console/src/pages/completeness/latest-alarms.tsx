import { Link } from "@tanstack/react-router";
import { useMe } from "../../app/session.tsx";
import { Loaded } from "../../components/loaded.tsx";
import { Card, Table } from "../../components/page.tsx";
import { Time } from "../../components/time.tsx";
import { span } from "../../format/dates.ts";
import { t, word } from "../../text/text.ts";
import { AlarmState, scopeText } from "../alarms/open-alarm.tsx";
import { useLatestAlarms } from "../alarms/use-alarms.ts";
import styles from "./completeness.module.css";

const SHOWN = 10;

/** The newest alarms, open or over: why deliveries did not come in the days above. */
export function LatestAlarms() {
  const level = useMe().is_operator ? "installation" : "organization";
  const latest = useLatestAlarms(level, SHOWN);
  return (
    <Card
      title={t("completeness.alarms")}
      actions={
        <Link to={level === "organization" ? "/alarms" : "/operator/alarms"}>
          {t("completeness.allAlarms")}
        </Link>
      }
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
                  <td>{alarm.summary}</td>
                  <td>
                    <Time at={alarm.opened_at} />
                  </td>
                  <td>
                    {alarm.closed_at === null ? (
                      <AlarmState alarm={alarm} />
                    ) : (
                      span((Date.parse(alarm.closed_at) - Date.parse(alarm.opened_at)) / 1_000)
                    )}
                  </td>
                </tr>
              ))}
            </Table>
          )
        }
      </Loaded>
    </Card>
  );
}
