import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { chosenOrganization } from "../../api/chosen-organization.ts";
import { request } from "../../api/client.ts";
import { useMe } from "../../app/session.tsx";
import { Badge } from "../../components/badge.tsx";
import { Card, endCell, lineCell, Table } from "../../components/page.tsx";
import { Time } from "../../components/time.tsx";
import { count } from "../../format/numbers.ts";
import { t, word } from "../../text/text.ts";
import styles from "./completeness.module.css";

const REFRESH_MS = 30_000;

/** The organization's deliveries that wait in quarantine, by reason and agent; nothing if there are none. */
export function WaitingDeliveries() {
  const { is_operator: isOperator } = useMe();
  const { data } = useQuery({
    queryKey: ["waiting deliveries", chosenOrganization()],
    queryFn: ({ signal }) => request("GET", "/waiting-deliveries", { signal }),
    refetchInterval: REFRESH_MS,
  });
  const groups = data?.data ?? [];
  if (groups.length === 0) return null;
  return (
    <Card title={t("completeness.waiting")} flush>
      <p className={styles.none}>{t("completeness.waitingAbout")}</p>
      <Table
        label={t("completeness.waiting")}
        headings={[
          t("quarantine.reason"),
          t("quarantine.agent"),
          { text: t("quarantine.deliveries"), end: true },
          t("quarantine.newest"),
        ]}
      >
        {groups.map((group) => (
          <tr key={[group.account_id, group.reason, group.provider_agent_id, group.our_number].join(" ")}>
            <td>
              <Badge tone="red">{word("quarantine", group.reason)}</Badge>
            </td>
            <td className={lineCell}>
              {group.provider_agent_id === null ? "–" : <code>{group.provider_agent_id}</code>}
            </td>
            <td className={endCell}>
              {isOperator ? (
                <Link to="/operator/quarantine">{count(group.deliveries)}</Link>
              ) : (
                count(group.deliveries)
              )}
            </td>
            <td className={lineCell}>
              <Time at={group.newest_at} form="relative" />
            </td>
          </tr>
        ))}
      </Table>
    </Card>
  );
}
