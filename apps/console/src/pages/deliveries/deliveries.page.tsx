import type { Delivery } from "@call-ledger/contract/operations";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Activity, Pause, Play } from "lucide-react";
import { useState } from "react";
import { ShowLink, useShown } from "../../app/shown.tsx";
import { Badge } from "../../components/badge.tsx";
import { Button, buttonClass } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Card, endCell, Page, Table } from "../../components/page.tsx";
import { ProblemNote, ProblemState } from "../../components/problem.tsx";
import { State, TableSkeleton } from "../../components/state.tsx";
import { Time } from "../../components/time.tsx";
import type { Tone } from "../../components/tone.ts";
import { milliseconds } from "../../format/numbers.ts";
import { t, word } from "../../text/text.ts";
import styles from "./deliveries.module.css";
import { CallOf, DeliveryDialog, Reason } from "./delivery-dialog.tsx";
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
  const { outcome = "" } = useSearch({ from: "/inside/operator/deliveries" });
  const navigate = useNavigate({ from: "/operator/deliveries" });
  const list = useDeliveries(isPaused);
  const outcomes = [...new Set(list.deliveries.map((one) => one.outcome))].sort();
  const rows = list.deliveries.filter((one) => outcome === "" || one.outcome === outcome);
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
            onChange={({ target }) => void navigate({ search: { outcome: target.value || undefined } })}
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
            {isPaused ? t("deliveries.resume", { count: list.waiting }) : t("deliveries.pause")}
          </Button>
        </>
      }
    >
      {list.error !== null && rows.length > 0 && <ProblemNote error={list.error} />}
      <Card flush>{rows.length === 0 ? <NoRows list={list} /> : <Rows rows={rows} />}</Card>
      <ShownDelivery list={list} />
    </Page>
  );
}

type List = ReturnType<typeof useDeliveries>;

/** Shown instead of a list without rows: it is not read yet, cannot be read, or is empty. */
function NoRows({ list: { isPending, error, retry } }: { list: List }) {
  if (isPending) return <TableSkeleton rows={6} />;
  if (error !== null) return <ProblemState error={error} onRetry={retry} />;
  return (
    <State icon={<Activity size={18} aria-hidden />} title={t("deliveries.emptyTitle")}>
      <p>{t("deliveries.empty")}</p>
    </State>
  );
}

function Rows({ rows }: { rows: readonly Delivery[] }) {
  return (
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
          <Row key={delivery.id} delivery={delivery} />
        ))}
      </Table>
    </div>
  );
}

function Row({ delivery }: { delivery: Delivery }) {
  return (
    <tr>
      <td>
        <Time at={delivery.at} form="clock" />
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
        <ShowLink show={delivery.id} className={buttonClass("quiet")}>
          {t("quarantine.show")}
        </ShowLink>
      </td>
    </tr>
  );
}

/** The delivery that the URL names. A process remembers only its newest ones. */
function ShownDelivery({ list: { deliveries, isPending } }: { list: List }) {
  const [shown, hide] = useShown();
  if (shown === undefined || isPending) return null;
  const delivery = deliveries.find(({ id }) => id === shown);
  if (delivery !== undefined) return <DeliveryDialog delivery={delivery} onClose={hide} />;
  return (
    <Dialog title={t("deliveries.goneTitle")} about={t("deliveries.gone")} onClose={hide}>
      {null}
    </Dialog>
  );
}
