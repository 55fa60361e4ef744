import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { chosenOrganization } from "../../api/chosen-organization.ts";
import { request } from "../../api/client.ts";
import { useMe } from "../../app/session.tsx";
import { ShowLink, useShown } from "../../app/shown.tsx";
import { Badge } from "../../components/badge.tsx";
import { ListDialog } from "../../components/list-dialog.tsx";
import { Card, endCell, lineCell, Table } from "../../components/page.tsx";
import { Time } from "../../components/time.tsx";
import { count } from "../../format/numbers.ts";
import { t, word } from "../../text/text.ts";
import type { QuarantineGroup } from "../quarantine/quarantine-group.ts";
import { filterOf, keyOf } from "../quarantine/quarantine-group.ts";
import styles from "./completeness.module.css";

const REFRESH_MS = 30_000;
const KEY = "waiting deliveries";

export function useWaitingDeliveries() {
  return useQuery({
    queryKey: [KEY, chosenOrganization()],
    queryFn: ({ signal }) => request("GET", "/waiting-deliveries", { signal }),
    refetchInterval: REFRESH_MS,
  });
}

/** The organization's deliveries that wait in quarantine, by reason and agent; nothing if there are none. */
export function WaitingDeliveries({ groups }: { groups: readonly QuarantineGroup[] }) {
  const { is_operator: isOperator } = useMe();
  const [named, hide] = useShown();
  const shown = isOperator ? undefined : groups.find((group) => keyOf(group) === named);
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
          <tr key={keyOf(group)}>
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
                <ShowLink show={keyOf(group)}>{count(group.deliveries)}</ShowLink>
              )}
            </td>
            <td className={lineCell}>
              <Time at={group.newest_at} form="relative" />
            </td>
          </tr>
        ))}
      </Table>
      {shown !== undefined && <Waiting group={shown} onClose={hide} />}
    </Card>
  );
}

/** The deliveries of a group, without their bodies, which only the operator sees. */
function Waiting({ group, onClose }: { group: QuarantineGroup; onClose: () => void }) {
  const title = word("quarantine", group.reason);
  return (
    <ListDialog
      title={title}
      about={t("completeness.waitingList")}
      listKey={[KEY, chosenOrganization(), "list", filterOf(group)]}
      ask={({ cursor, signal }) =>
        request("GET", "/waiting-deliveries/list", {
          query: { ...filterOf(group), cursor, limit: 50 },
          signal,
        })
      }
      onClose={onClose}
    >
      {(deliveries) => (
        <Table
          label={title}
          headings={[t("completeness.arrived"), t("deliveries.type"), t("completeness.callId")]}
        >
          {deliveries.map((delivery) => (
            <tr key={delivery.id}>
              <td className={lineCell}>
                <Time at={delivery.received_at} form="precise" />
              </td>
              <td>
                <code>{delivery.event_type}</code>
              </td>
              <td>{delivery.provider_call_id === null ? "–" : <code>{delivery.provider_call_id}</code>}</td>
            </tr>
          ))}
        </Table>
      )}
    </ListDialog>
  );
}
