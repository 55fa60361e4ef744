import type { Delivery } from "@call-ledger/contract/operations";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { request } from "../../api/client.ts";
import { hasStatus } from "../../api/problem.ts";
import { Dialog } from "../../components/dialog.tsx";
import { JsonText } from "../../components/json-text.tsx";
import { Facts } from "../../components/page.tsx";
import { ProblemNote } from "../../components/problem.tsx";
import { ProviderName } from "../../components/provider-name.tsx";
import { Skeleton } from "../../components/state.tsx";
import { Time } from "../../components/time.tsx";
import { byteSize, milliseconds } from "../../format/numbers.ts";
import { t, word } from "../../text/text.ts";
import styles from "./deliveries.module.css";

/** All that is known of a delivery, with its body. */
export function DeliveryDialog({ delivery, onClose }: { delivery: Delivery; onClose: () => void }) {
  return (
    <Dialog title={delivery.event_type ?? t("deliveries.unread")} wide onClose={onClose}>
      <Facts
        facts={[
          [t("deliveries.time"), <Time key="at" at={delivery.at} form="precise" />],
          [t("deliveries.status"), delivery.status],
          [t("deliveries.outcome"), word("delivery", delivery.outcome)],
          [t("deliveries.reason"), delivery.reason && <Reason delivery={delivery} />],
          [t("call.provider"), <ProviderName key="provider" provider={delivery.provider} />],
          [t("deliveries.account"), delivery.account_id && <code>{delivery.account_id}</code>],
          [
            t("call.providerCall"),
            delivery.provider_call_id && (
              <CallOf key="call" delivery={delivery}>
                {delivery.provider_call_id}
              </CallOf>
            ),
          ],
          [t("deliveries.size"), delivery.bytes === null ? null : byteSize(delivery.bytes)],
          [t("deliveries.took"), milliseconds(delivery.took_ms)],
        ]}
      />
      <Body delivery={delivery} />
    </Dialog>
  );
}

/** The stored body of a delivery. Only what verified and says something of a call is stored. */
function Body({ delivery }: { delivery: Delivery }) {
  const isStored = delivery.event_id !== null && STORED.includes(delivery.outcome);
  const body = useQuery({
    queryKey: ["body of delivery", delivery.id],
    queryFn: ({ signal }) => readBody(delivery, signal),
    enabled: isStored,
    retry: false,
  });
  if (!isStored) return <p className={styles.without}>{t("deliveries.notStored")}</p>;
  if (body.data !== undefined) {
    return (
      <div className={styles.body}>
        <JsonText value={body.data} tall />
      </div>
    );
  }
  if (hasStatus(body.error, 404)) return <p className={styles.without}>{t("deliveries.elsewhere")}</p>;
  if (body.error !== null) return <ProblemNote error={body.error} />;
  return <Skeleton width="100%" height={160} />;
}

const BOOKED = ["applied", "observed", "duplicate"];
const STORED = [...BOOKED, "quarantined"];

/** Reads a body from the quarantine, or if the delivery is booked, from the chosen organization's events. */
async function readBody({ event_id: event, account_id: account, outcome }: Delivery, signal: AbortSignal) {
  if (outcome === "quarantined") {
    const { data } = await request("GET", "/quarantine", { query: { account, event, limit: 1 }, signal });
    const [waiting] = data;
    if (waiting !== undefined) {
      const params = { delivery: waiting.id };
      return (await request("GET", "/quarantine/{delivery}", { params, signal })).payload;
    }
  }
  const params = { event: event ?? "" };
  return (await request("GET", "/events/{event}/payload", { params, signal })).payload;
}

/** The id of a delivery's call, which leads to the call if the delivery was booked. */
export function CallOf({
  delivery: { outcome, provider_call_id: id },
  children,
}: {
  delivery: Delivery;
  children: string | null;
}) {
  if (id === null) return null;
  const text = <code>{children}</code>;
  if (!BOOKED.includes(outcome)) return text;
  return (
    <Link to="/calls/$call" params={{ call: id }} title={t("deliveries.openCall")}>
      {text}
    </Link>
  );
}

/** Why a delivery was not booked. For a quarantined one it links to the quarantine. */
export function Reason({ delivery: { outcome, reason } }: { delivery: Delivery }) {
  if (reason === null) return null;
  if (outcome !== "quarantined") return word("refusal", reason);
  return <Link to="/operator/quarantine">{word("quarantine", reason)}</Link>;
}
