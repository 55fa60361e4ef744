import type { Delivery } from "@call-ledger/contract/operations";
import { Link } from "@tanstack/react-router";
import { Activity, Pause, Play } from "lucide-react";
import { useState } from "react";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Card, endCell, Facts, Page, Table } from "../../components/page.tsx";
import { ProblemNote, ProblemState } from "../../components/problem.tsx";
import { ProviderName } from "../../components/provider-name.tsx";
import { State, TableSkeleton } from "../../components/state.tsx";
import { Time } from "../../components/time.tsx";
import type { Tone } from "../../components/tone.ts";
import { useZone } from "../../components/zone.ts";
import { clockTime } from "../../format/dates.ts";
import { byteSize, milliseconds } from "../../format/numbers.ts";
import { t, word } from "../../text/text.ts";
import styles from "./deliveries.module.css";
import { useDeliveries } from "./use-deliveries.ts";

const TONES: Readonly<Record<string, Tone>> = {
  applied: "green",
  observed: "gray",
  duplicate: "gray",
  answered: "blue",
  quarantined: "amber",
  refused: "red",
};

/** Deliveries as they come. While the page is paused, the list does not change. */
export function DeliveriesPage() {
  const [isPaused, setPaused] = useState(false);
  const [outcome, setOutcome] = useState("");
  const [shown, show] = useState<Delivery>();
  const { deliveries, waiting, isPending, error, retry } = useDeliveries(isPaused);
  const outcomes = [...new Set(deliveries.map((one) => one.outcome))].sort();
  const rows = deliveries.filter((one) => outcome === "" || one.outcome === outcome);
  return (
    <Page
      title={t("deliveries.title")}
      about={t("deliveries.about")}
      actions={
        <>
          <select
            className={styles.filter}
            aria-label={t("deliveries.outcome")}
            value={outcome}
            onChange={({ target }) => setOutcome(target.value)}
          >
            <option value="">{t("deliveries.all")}</option>
            {[...new Set([...outcomes, ...(outcome === "" ? [] : [outcome])])].map((one) => (
              <option key={one} value={one}>
                {word("delivery", one)}
              </option>
            ))}
          </select>
          <Button onClick={() => setPaused(!isPaused)} aria-pressed={isPaused}>
            {isPaused ? <Play size={14} aria-hidden /> : <Pause size={14} aria-hidden />}
            {isPaused ? t("deliveries.resume", { count: waiting }) : t("deliveries.pause")}
          </Button>
        </>
      }
    >
      {error !== null && rows.length > 0 && <ProblemNote error={error} />}
      <Card flush>
        {rows.length === 0 && isPending ? (
          <TableSkeleton rows={6} />
        ) : rows.length === 0 && error !== null ? (
          <ProblemState error={error} onRetry={retry} />
        ) : rows.length === 0 ? (
          <State icon={<Activity size={18} aria-hidden />} title={t("deliveries.emptyTitle")}>
            <p>{t("deliveries.empty")}</p>
          </State>
        ) : (
          <div className={styles.list}>
            <Table
              label={t("deliveries.title")}
              headings={[
                t("deliveries.time"),
                t("deliveries.status"),
                t("deliveries.type"),
                t("deliveries.outcome"),
                t("deliveries.call"),
                { text: t("deliveries.took"), end: true },
                "",
              ]}
            >
              {rows.map((delivery) => (
                <Row key={delivery.id} delivery={delivery} onShow={() => show(delivery)} />
              ))}
            </Table>
          </div>
        )}
      </Card>
      {shown !== undefined && <DeliveryDialog delivery={shown} onClose={() => show(undefined)} />}
    </Page>
  );
}

function Row({ delivery, onShow }: { delivery: Delivery; onShow: () => void }) {
  const zone = useZone();
  return (
    <tr>
      <td>
        <time dateTime={delivery.at}>{clockTime(new Date(delivery.at), zone)}</time>
      </td>
      <td>
        <Badge tone={delivery.status < 400 ? "green" : "red"} plain>
          {delivery.status}
        </Badge>
      </td>
      <td>
        <code>{delivery.event_type ?? "–"}</code>
      </td>
      <td>
        <Badge tone={TONES[delivery.outcome] ?? "gray"}>{word("delivery", delivery.outcome)}</Badge>{" "}
        <Reason delivery={delivery} />
      </td>
      <td>
        <CallOf delivery={delivery}>
          {delivery.provider_call_id === null ? null : `${delivery.provider_call_id.slice(0, 13)}…`}
        </CallOf>
      </td>
      <td className={endCell}>{milliseconds(delivery.took_ms)}</td>
      <td className={endCell}>
        <Button look="quiet" onClick={onShow}>
          {t("quarantine.show")}
        </Button>
      </td>
    </tr>
  );
}

const BOOKED = ["applied", "observed", "duplicate"];

/** The id of a delivery's call, which leads to the call if the delivery was booked. */
function CallOf({
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
function Reason({ delivery: { outcome, reason } }: { delivery: Delivery }) {
  if (reason === null) return null;
  if (outcome !== "quarantined") return word("refusal", reason);
  return <Link to="/operator/quarantine">{word("quarantine", reason)}</Link>;
}

function DeliveryDialog({ delivery, onClose }: { delivery: Delivery; onClose: () => void }) {
  return (
    <Dialog title={delivery.event_type ?? t("deliveries.unread")} onClose={onClose}>
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
    </Dialog>
  );
}
