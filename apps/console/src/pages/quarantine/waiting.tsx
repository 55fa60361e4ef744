import type { QuarantinedDelivery } from "@call-ledger/contract/quarantine";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { request } from "../../api/client.ts";
import { useChange } from "../../api/use-change.ts";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/dialog.tsx";
import { JsonText } from "../../components/json-text.tsx";
import { ListDialog } from "../../components/list-dialog.tsx";
import { Loaded } from "../../components/loaded.tsx";
import { Time } from "../../components/time.tsx";
import { showToast } from "../../components/toast.tsx";
import { useZone } from "../../components/zone.ts";
import { preciseDateTime } from "../../format/dates.ts";
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
  const [isDropping, setDropping] = useState(false);
  const detail = useQuery({
    // Not below the key of the lists: a delivery that was just booked or dropped is not read again.
    queryKey: ["quarantined delivery", delivery.id],
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
            {({ payload }) => (
              <>
                <JsonText value={payload} />
                <p>
                  <Button look="danger" onClick={() => setDropping(true)}>
                    {t("quarantine.drop")}
                  </Button>
                </p>
              </>
            )}
          </Loaded>
        )}
      </details>
      {isDropping && <DropDialog delivery={delivery} onClose={() => setDropping(false)} />}
    </li>
  );
}

function DropDialog({ delivery, onClose }: { delivery: QuarantinedDelivery; onClose: () => void }) {
  const zone = useZone();
  const { id, event_type: type, received_at: at, provider_call_id: call } = delivery;
  const drop = useChange(
    ["quarantine"],
    () => request("DELETE", "/quarantine/{delivery}", { params: { delivery: id } }),
    () => {
      showToast(t("quarantine.dropped"));
      onClose();
    },
  );
  const words = { type, time: preciseDateTime(new Date(at), zone) };
  return (
    <ConfirmDialog
      title={t("quarantine.dropTitle")}
      about={
        call === null ? t("quarantine.dropAbout", words) : t("quarantine.dropAboutOfCall", { ...words, call })
      }
      action={t("quarantine.drop")}
      busy={drop.isPending}
      error={drop.error}
      onConfirm={() => drop.mutate()}
      onClose={onClose}
    />
  );
}
