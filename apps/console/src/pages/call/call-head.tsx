import type { Call } from "@call-ledger/contract/calls";
import { Link } from "@tanstack/react-router";
import { TriangleAlert } from "lucide-react";
import type { Ref } from "react";
import { useMay } from "../../app/session.tsx";
import { agentName } from "../../components/agent-name.ts";
import { CallStatus, isLive } from "../../components/call-status.tsx";
import { namedTime } from "../../components/call-words.ts";
import { CopyButton } from "../../components/copy.tsx";
import { Skeleton } from "../../components/state.tsx";
import { RunningClock, Time } from "../../components/time.tsx";
import { dollars, duration, phoneNumber } from "../../format/numbers.ts";
import type { TextKey } from "../../text/text.ts";
import { t, word } from "../../text/text.ts";
import { CallerName } from "../calls/call-row.tsx";
import styles from "./call.module.css";
import { COSTS, PartLink } from "./part.tsx";
import { ShareButton } from "./share.tsx";

const ATTENTION_TEXTS: Readonly<Record<Call["attention"][number], TextKey>> = {
  stuck: "call.attention.stuck",
  missing_report: "call.attention.missing_report",
  no_caller_speech: "call.attention.no_caller_speech",
  recording_failed: "call.attention.recording_failed",
};

/** The head of a call: the caller, the time, the duration, the end, and the marks for attention. */
export function CallHead({
  call,
  isPage = false,
  titleRef,
}: {
  call: Call;
  isPage?: boolean;
  titleRef?: Ref<HTMLHeadingElement>;
}) {
  const Title = isPage ? "h1" : "h2";
  const mayShare = useMay("calls:write");
  const time = namedTime(call);
  const isRunning = isLive(call) && !call.attention.includes("stuck");
  return (
    <header className={styles.head}>
      <div className={styles.titleLine}>
        <Title ref={titleRef} tabIndex={-1}>
          <CallerName call={call} />
        </Title>
        <CallStatus call={call} />
        {mayShare && isPage && <ShareButton call={call} />}
      </div>
      <p className={styles.line}>
        {call.ended_reason_text ?? t(withoutReason(call))}
        {call.forwarded_to !== null && ` ${forwardedWords(call.forwarded_to, call.forwarded_to_name)}`}
      </p>
      <dl className={styles.figures}>
        <Figure name={t(time.name)}>
          <Time at={time.at} />
        </Figure>
        <Figure name={t(isRunning && call.started_at === null ? "calls.sinceFirstSeen" : "calls.duration")}>
          {isRunning ? (
            <RunningClock since={call.started_at ?? call.first_seen_at} />
          ) : call.duration_seconds === null ? (
            "–"
          ) : (
            <PartLink tab="timeline">{duration(call.duration_seconds)}</PartLink>
          )}
        </Figure>
        <Figure name={t("calls.agent")}>
          {call.agent === null ? (
            t("calls.noAgent")
          ) : (
            <Link to="/calls" search={{ agent: call.agent.id }}>
              {agentName(call.agent)}
            </Link>
          )}
        </Figure>
        {call.cost_usd !== undefined && (
          <Figure name={t("calls.cost")}>
            {call.cost_usd === null ? (
              "–"
            ) : (
              <PartLink tab="details" show={COSTS}>
                {dollars(call.cost_usd)}
              </PartLink>
            )}
          </Figure>
        )}
        <Figure name={t("call.id")}>
          <span className={styles.idLine}>
            <code>{call.provider_call_id.slice(0, 8)}…</code>
            <CopyButton text={call.provider_call_id} label={t("call.copyId")} />
          </span>
        </Figure>
      </dl>
      <Attention call={call} />
    </header>
  );
}

/** Where a call was put through to: the name of the place, if it is known, and its number or address. */
function forwardedWords(to: string, name: string | null = null): string {
  const number = phoneNumber(to);
  return name === null ? t("call.forwardedTo", { number }) : t("call.forwardedToName", { name, number });
}

/** What is said of a call without the reason of its end. */
function withoutReason(call: Call): TextKey {
  if (call.attention.includes("stuck")) return "call.noEnd";
  return isLive(call) ? "call.goingOn" : "call.noReason";
}

function Figure({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** The marks for attention. The note of a failed recording says the same to those who see it, with a way to retry. */
function Attention({ call }: { call: Call }) {
  const mayHear = useMay("recordings:read");
  return call.attention
    .filter((reason) => reason !== "recording_failed" || !mayHear)
    .map((reason) => (
      <p key={reason} className={styles.attention}>
        <TriangleAlert size={15} aria-hidden />
        <span>
          <b>{word("attention", reason)}.</b> {t(ATTENTION_TEXTS[reason])}
        </span>
      </p>
    ));
}

export function CallSkeleton() {
  return (
    <div className={styles.head} role="status" aria-label={t("common.loading")}>
      <Skeleton width={180} height={18} />
      <Skeleton width={260} />
      <Skeleton width="100%" height={44} />
      <Skeleton width="100%" height={90} />
      <Skeleton width="80%" />
      <Skeleton width="64%" />
      <Skeleton width="72%" />
    </div>
  );
}
