import type { QuarantinedDelivery } from "@call-ledger/contract/operations";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { request } from "../../api/client.ts";
import { Button } from "../../components/button.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { JsonText } from "../../components/json-text.tsx";
import { Loaded } from "../../components/loaded.tsx";
import { Time } from "../../components/time.tsx";
import { t, word } from "../../text/text.ts";
import styles from "./quarantine.module.css";
import type { QuarantineGroup } from "./quarantine-group.ts";
import { filterOf } from "./quarantine-group.ts";

/** The deliveries of a group, each with its body. */
export function Waiting({ group, onClose }: { group: QuarantineGroup; onClose: () => void }) {
  const list = useInfiniteQuery({
    queryKey: ["quarantine", "list", filterOf(group)],
    queryFn: ({ pageParam, signal }) =>
      request("GET", "/quarantine", { query: { ...filterOf(group), cursor: pageParam, limit: 20 }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });
  return (
    <Dialog title={word("quarantine", group.reason)} about={t("quarantine.showAbout")} wide onClose={onClose}>
      <Loaded query={list}>
        {({ pages }) => (
          <ul className={styles.list}>
            {pages.flatMap(({ data }) =>
              data.map((delivery) => <Row key={delivery.id} delivery={delivery} />),
            )}
          </ul>
        )}
      </Loaded>
      {list.hasNextPage && (
        <DialogActions>
          <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t("common.more")}
          </Button>
        </DialogActions>
      )}
    </Dialog>
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
