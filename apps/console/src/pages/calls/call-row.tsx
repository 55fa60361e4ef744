import type { CallSummary } from "@call-ledger/contract/calls";
import { AudioLines, Globe, Phone, PhoneIncoming, PhoneOutgoing, TriangleAlert } from "lucide-react";
import type { MouseEvent } from "react";
import { memo } from "react";
import { agentName } from "../../components/agent-name.ts";
import { CallStatus, isLive } from "../../components/call-status.tsx";
import { namedTime } from "../../components/call-words.ts";
import { classes } from "../../components/classes.ts";
import { RunningClock, Time } from "../../components/time.tsx";
import { dollars, duration, phoneNumber } from "../../format/numbers.ts";
import { t, word } from "../../text/text.ts";
import styles from "./calls.module.css";

/** One call as a row. On a narrow screen its cells are on two lines. */
export function CallRow({
  index,
  top,
  isActive,
  ...cells
}: {
  /** Its place in the table, counted from 1. */
  index: number;
  /** Its position on the page in pixels. */
  top: number;
  isActive: boolean;
} & CellsProps) {
  return (
    <div
      role="row"
      aria-rowindex={index + 1}
      data-call={cells.call.id}
      className={classes(styles.row, isActive && styles.active, cells.isOpen && styles.open)}
      style={{ transform: `translateY(${top}px)` }}
    >
      <Cells {...cells} />
    </div>
  );
}

type CellsProps = {
  call: CallSummary;
  isOpen: boolean;
  showsCost: boolean;
  /** The address of the list with the call open. */
  href: string;
  onOpen: (id: string) => void;
};

/** Apart from the row, because a call that comes in moves every row and changes none. */
const Cells = memo(function Cells({ call, isOpen, showsCost, href, onOpen }: CellsProps) {
  return (
    <>
      <span role="cell" className={styles.status}>
        <CallStatus call={call} plain />
      </span>
      <span role="cell" className={styles.caller}>
        <Direction call={call} />
        {/* The router's own link asks it for its address at each change of the page, and a list has many. */}
        <a
          href={href}
          className={styles.link}
          dir="auto"
          aria-current={isOpen ? "true" : undefined}
          onClick={(event) => {
            if (!staysInTab(event)) return;
            event.preventDefault();
            onOpen(call.id);
          }}
        >
          <CallerName call={call} />
        </a>
      </span>
      <span role="cell" className={styles.agent}>
        {call.agent === null ? <i>{t("calls.noAgent")}</i> : agentName(call.agent)}
      </span>
      <span role="cell" className={styles.reason}>
        <Attention call={call} />
        <EndReason call={call} />
      </span>
      <span role="cell" className={styles.recording}>
        <RecordingMark call={call} />
      </span>
      <span role="cell" className={styles.started}>
        <NamedTime call={call} />
      </span>
      <span role="cell" className={styles.duration}>
        <CallDuration call={call} />
      </span>
      {showsCost && (
        <span role="cell" className={styles.cost}>
          {call.cost_usd ? dollars(call.cost_usd) : "–"}
        </span>
      )}
    </>
  );
});

function staysInTab({ button, altKey, ctrlKey, metaKey, shiftKey }: MouseEvent): boolean {
  return button === 0 && !altKey && !ctrlKey && !metaKey && !shiftKey;
}

export function CallerName({
  call,
}: {
  call: Pick<CallSummary, "customer_number" | "customer_name" | "direction">;
}) {
  if (call.customer_name !== null) return call.customer_name;
  if (call.customer_number !== null) return phoneNumber(call.customer_number);
  return call.direction === "web" ? t("calls.webCall") : t("calls.noNumber");
}

/** How a call ended. Of a forwarded call the number says more than the provider's reason. */
function reasonOf({ outcome, forwarded_to: number, ended_reason_text: reason }: CallSummary): string | null {
  return outcome === "forwarded" && number !== null
    ? t("calls.forwardedTo", { number: phoneNumber(number) })
    : reason;
}

/** The column has no room for the name of the time, so a time that is not the start has it in its tooltip. */
function NamedTime({ call }: { call: CallSummary }) {
  const { name, at } = namedTime(call);
  if (name === "calls.started") return <Time at={at} />;
  return (
    <>
      <span className="visually-hidden">{t(name)} </span>
      <Time at={at} name={t(name)} />
    </>
  );
}

function CallDuration({ call }: { call: CallSummary }) {
  if (isLive(call) && !call.attention.includes("stuck")) {
    if (call.started_at !== null) return <RunningClock since={call.started_at} />;
    return (
      <span title={t("calls.sinceFirstSeen")}>
        <RunningClock since={call.first_seen_at} />
      </span>
    );
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

function EndReason({ call }: { call: CallSummary }) {
  const text = isLive(call) ? null : reasonOf(call);
  return (
    <span className={styles.clip} title={text ?? undefined}>
      {text}
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
