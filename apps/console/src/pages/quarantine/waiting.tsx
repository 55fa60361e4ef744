import type { QuarantinedDelivery } from "@call-ledger/contract/quarantine";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { request } from "../../api/client.ts";
import { JsonText } from "../../components/json-text.tsx";
import { ListDialog } from "../../components/list-dialog.tsx";
import { Loaded } from "../../components/loaded.tsx";
import { Time } from "../../components/time.tsx";
import { t, word } from "../../text/text.ts";
import styles from "./quarantine.module.css";
import type { QuarantineGroup } from "./quarantine-group.ts";
import { filterOf } from "./quarantine-group.ts";

/** The deliveries of a group, each with its body. */
export function Waiting({ group, onClose }: { group: QuarantineGroup; onClose: () => void }) {
  return (
    <ListDialog
      title={word("quarantine", group.reason)}
      about={t("quarantine.showAbout")}
      listKey={["quarantine", "list", filterOf(group)]}
      ask={({ cursor, signal }) =>
        request("GET", "/quarantine", { query: { ...filterOf(group), cursor, limit: 20 }, signal })
      }
      onClose={onClose}
    >
      {(deliveries) => (
        <ul className={styles.list}>
          {deliveries.map((delivery) => (
            <Row key={delivery.id} delivery={delivery} />
          ))}
        </ul>
      )}
    </ListDialog>
  );
}

function Row({ delivery }: { delivery: QuarantinedDelivery }) {
  const [isOpen, setOpen] = useState(false);
  const detail = useQuery({
    queryKey: ["quarantine", "delivery", delivery.id],
    queryFn: ({ signal }) =>
      request("GET", "/quarantine/{delivery}", { params: { delivery: delivery.id }, signal }),
    enabled: isOpen,
  });
  return (
    <li>
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>
          <Time at={delivery.received_at} form="precise" />
          <code>{delivery.event_type}</code>
          {delivery.provider_call_id !== null && <code>{delivery.provider_call_id}</code>}
        </summary>
        <p>{delivery.reason_text}</p>
        {isOpen && (
          <Loaded query={detail} rows={2}>
            {({ payload }) => <JsonText value={payload} />}
          </Loaded>
        )}
      </details>
    </li>
  );
}
