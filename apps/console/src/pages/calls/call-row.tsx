import type { CallSummary } from "@call-ledger/contract/calls";
import { Link } from "@tanstack/react-router";
import { AudioLines, Globe, Phone, PhoneIncoming, PhoneOutgoing, TriangleAlert } from "lucide-react";
import { memo } from "react";
import { CallStatus, isLive } from "../../components/call-status.tsx";
import { classes } from "../../components/classes.ts";
import { RunningClock, Time } from "../../components/time.tsx";
import { dollars, duration, phoneNumber } from "../../format/numbers.ts";
import { t, word } from "../../text/text.ts";
import styles from "./calls.module.css";

/** One call as a row. On a narrow screen its cells are on two lines. */
export const CallRow = memo(function CallRow({
  call,
  isActive,
  isOpen,
  showsCost,
  index,
  top,
}: {
  call: CallSummary;
  isActive: boolean;
  isOpen: boolean;
  showsCost: boolean;
  /** Its place in the table, counted from 1. */
  index: number;
  /** Its position on the page in pixels. */
  top: number;
}) {
  return (
    <div
      role="row"
      aria-rowindex={index + 1}
      data-call={call.id}
      className={classes(styles.row, isActive && styles.active, isOpen && styles.open)}
      style={{ transform: `translateY(${top}px)` }}
    >
      <span role="cell" className={styles.status}>
        <CallStatus call={call} plain />
      </span>
      <span role="cell" className={styles.caller}>
        <Direction call={call} />
        <Link
          to="/calls"
          search={(now) => ({ ...now, call: call.id })}
          className={styles.link ?? ""}
          aria-current={isOpen ? "true" : undefined}
          resetScroll={false}
        >
          <CallerName call={call} />
        </Link>
      </span>
      <span role="cell" className={styles.agent}>
        {call.agent === null ? <i>{t("calls.noAgent")}</i> : (call.agent.name ?? call.agent.id.slice(0, 8))}
      </span>
      <span role="cell" className={styles.reason}>
        <Attention call={call} />
        <span className={styles.clip}>{isLive(call) ? "" : call.ended_reason_text}</span>
      </span>
      <span role="cell" className={styles.recording}>
        <RecordingMark call={call} />
      </span>
      <span role="cell" className={styles.started}>
        <Time at={call.started_at ?? call.first_seen_at} />
      </span>
      <span role="cell" className={styles.duration}>
        <CallDuration call={call} />
      </span>
      {showsCost && (
        <span role="cell" className={styles.cost}>
          {call.cost_usd ? dollars(call.cost_usd) : "–"}
        </span>
      )}
    </div>
  );
});

export function CallerName({
  call,
}: {
  call: Pick<CallSummary, "customer_number" | "customer_name" | "direction">;
}) {
  if (call.customer_name !== null) return call.customer_name;
  if (call.customer_number !== null) return phoneNumber(call.customer_number);
  return call.direction === "web" ? t("calls.webCall") : t("calls.noNumber");
}

function CallDuration({ call }: { call: CallSummary }) {
  if (isLive(call) && !call.attention.includes("stuck")) {
    return <RunningClock since={call.started_at ?? call.first_seen_at} />;
  }
  return call.duration_seconds === null ? "–" : duration(call.duration_seconds);
}

const DIRECTION_ICONS = {
  inbound: PhoneIncoming,
  outbound: PhoneOutgoing,
  web: Globe,
  unknown: Phone,
} as const;

function Direction({ call: { direction } }: { call: CallSummary }) {
  const Icon = DIRECTION_ICONS[direction];
  const label = word("direction", direction);
  return (
    <span className={styles.icon} title={label}>
      <Icon size={13} aria-hidden />
      <span className="visually-hidden">{label}</span>
    </span>
  );
}

function Attention({ call: { attention } }: { call: CallSummary }) {
  const [first, ...others] = attention;
  if (first === undefined) return null;
  const all = attention.map((one) => word("attention", one)).join(", ");
  return (
    <span className={styles.attention} title={all}>
      <TriangleAlert size={13} aria-hidden />
      {word("attention", first)}
      {others.length > 0 && ` +${others.length}`}
    </span>
  );
}

function RecordingMark({ call: { recording_state: state } }: { call: CallSummary }) {
  if (state === "none") return null;
  const label = word("recording", state);
  return (
    <span className={classes(styles.icon, styles[`recording_${state}`])} title={label}>
      <AudioLines size={14} aria-hidden />
      <span className="visually-hidden">{label}</span>
    </span>
  );
}
