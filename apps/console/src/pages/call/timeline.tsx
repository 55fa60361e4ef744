import type { Call } from "@call-ledger/contract/calls";
import type { TimelineEvent } from "@call-ledger/contract/events";
import { useQuery } from "@tanstack/react-query";
import { Braces, RotateCw } from "lucide-react";
import { request } from "../../api/client.ts";
import { useChange } from "../../api/use-change.ts";
import { useMay } from "../../app/session.tsx";
import { ShowLink, useShown } from "../../app/shown.tsx";
import { Badge } from "../../components/badge.tsx";
import { Button, buttonClass } from "../../components/button.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { JsonText } from "../../components/json-text.tsx";
import { ProblemNote, ProblemState } from "../../components/problem.tsx";
import { Skeleton } from "../../components/state.tsx";
import { Time, timeTitle } from "../../components/time.tsx";
import { useZone } from "../../components/zone.ts";
import { milliseconds } from "../../format/numbers.ts";
import { t, word } from "../../text/text.ts";
import { REPORT } from "./part.tsx";
import styles from "./timeline.module.css";
import { callKey } from "./use-call.ts";

/** If an event arrived later than this, its delay is shown. */
const LATE_MS = 10_000;
/** The name of the timeline among the parts of a call. */
const TIMELINE = "timeline";

/** The booked events: time, arrival, effect, and the delivery as it came. */
export function Timeline({ call }: { call: Call }) {
  const { data, error, refetch } = useQuery({
    queryKey: [...callKey(call.id), "timeline"],
    queryFn: ({ signal }) => request("GET", "/calls/{call}/timeline", { params: { call: call.id }, signal }),
  });
  const [shown, hide] = useShown();
  const mayRead = useMay("payloads:read");
  if (error !== null && data === undefined)
    return <ProblemState error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Skeleton width="100%" height={120} />;
  const opened = data.data.findLast(
    ({ id, is_report, has_payload }) => has_payload && (id === shown || (is_report && shown === REPORT)),
  );
  return (
    <>
      <ol className={styles.list}>
        {data.data.map((event) => (
          <Event key={event.id} event={event} />
        ))}
      </ol>
      {mayRead && opened !== undefined && <Delivery call={call} event={opened} onClose={hide} />}
    </>
  );
}

function Event({ event }: { event: TimelineEvent }) {
  const zone = useZone();
  const mayRead = useMay("payloads:read");
  const happened = new Date(event.occurred_at ?? event.received_at);
  const lateMs = Date.parse(event.received_at) - happened.getTime();
  return (
    <li className={styles.event}>
      <Time at={happened.toISOString()} form="clock" />
      <div className={styles.what}>
        <code>{event.type}</code>
        {event.phase !== null && <Badge tone="gray">{word("phase", event.phase)}</Badge>}
        {event.phase !== null && !event.changed_phase && (
          <span className={styles.late}>{t("call.phaseKept")}</span>
        )}
        {event.source !== "webhook" && <Badge tone="blue">{word("source", event.source)}</Badge>}
        {lateMs > LATE_MS && (
          <span className={styles.late} title={timeTitle(new Date(event.received_at), zone)}>
            {t("call.arrivedLater", { time: milliseconds(lateMs) })}
          </span>
        )}
      </div>
      {event.has_payload && mayRead && (
        <ShowLink
          show={event.id}
          tab={TIMELINE}
          className={buttonClass("quiet", styles.show)}
          title={t("call.showDelivery")}
          aria-label={t("call.showDelivery")}
        >
          <Braces size={14} aria-hidden />
        </ShowLink>
      )}
    </li>
  );
}

function Delivery({ call, event, onClose }: { call: Call; event: TimelineEvent; onClose: () => void }) {
  const mayReplay = useMay("calls:write");
  const payload = useQuery({
    queryKey: ["payload", event.id],
    queryFn: ({ signal }) =>
      request("GET", "/events/{event}/payload", { params: { event: event.id }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const replay = useChange(callKey(call.id), () =>
    request("POST", "/events/{event}/replay", { params: { event: event.id } }),
  );
  return (
    <Dialog title={event.type} about={t("call.deliveryAbout")} wide onClose={onClose}>
      {payload.data !== undefined && <JsonText value={payload.data.payload} tall />}
      {payload.isPending && <Skeleton width="100%" height={160} />}
      {payload.error !== null && <ProblemNote error={payload.error} />}
      {replay.error !== null && <ProblemNote error={replay.error} />}
      {replay.data !== undefined && (
        <p role="status" className={styles.result}>
          {word("replay", replay.data.outcome)} {replay.data.reason}
        </p>
      )}
      {mayReplay && (
        <DialogActions>
          <Button busy={replay.isPending} onClick={() => replay.mutate()}>
            <RotateCw size={14} aria-hidden />
            {t("call.replay")}
          </Button>
        </DialogActions>
      )}
    </Dialog>
  );
}
