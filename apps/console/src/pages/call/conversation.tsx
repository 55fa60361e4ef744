import type { Call, ConversationItem } from "@call-ledger/contract/calls";
import { Bot, MessageSquareOff, User, Wrench } from "lucide-react";
import type { ReactNode } from "react";
import { useEffect, useRef } from "react";
import { useMark } from "../../app/shown.tsx";
import { isLive } from "../../components/call-status.tsx";
import { classes } from "../../components/classes.ts";
import { JsonText } from "../../components/json-text.tsx";
import { State } from "../../components/state.tsx";
import { duration, milliseconds } from "../../format/numbers.ts";
import { t } from "../../text/text.ts";
import styles from "./conversation.module.css";
import { lineName } from "./part.tsx";
import { usePlayback } from "./playback.tsx";

/** From this latency on, callers notice that they wait. */
const SLOW_MS = 1_500;

/** The conversation with its tool calls. It follows the audio; a press on a line plays from its beginning. */
export function Conversation({ call }: { call: Pick<Call, "conversation" | "summary" | "phase"> }) {
  const { at, isPlaying, isReady, playFrom } = usePlayback();
  const items = call.conversation ?? [];
  const current = isReady && (isPlaying || at > 0) ? lineAt(items, at) : -1;
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    if (!isPlaying || current < 0) return;
    list.current?.children[current]?.scrollIntoView({ block: "nearest" });
  }, [current, isPlaying]);
  if (items.length === 0) {
    return (
      <>
        <Summary text={call.summary} />
        <State
          icon={<MessageSquareOff size={18} aria-hidden />}
          title={t(isLive(call) ? "call.noWordsYetTitle" : "call.noConversationTitle")}
        >
          <p>{isLive(call) ? t("call.noConversationYet") : t("call.noConversation")}</p>
        </State>
      </>
    );
  }
  return (
    <>
      <Summary text={call.summary} />
      <ol className={styles.list} ref={list}>
        {items.map((item, index) => (
          <Line key={index} index={index} isCurrent={index === current}>
            <Moment item={item} play={isReady ? playFrom : null} />
            {item.kind === "speech" ? (
              <Speech item={item} play={isReady ? playFrom : null} />
            ) : (
              <ToolCall item={item} />
            )}
          </Line>
        ))}
      </ol>
    </>
  );
}

/** One line of the conversation. A URL can name it. */
function Line({ index, isCurrent, children }: { index: number; isCurrent: boolean; children: ReactNode }) {
  const mark = useMark<HTMLLIElement>(lineName(index));
  return (
    <li
      ref={mark}
      tabIndex={-1}
      className={classes(styles.item, isCurrent && styles.current)}
      aria-current={isCurrent ? "true" : undefined}
    >
      {children}
    </li>
  );
}

/** The provider's summary of the call, if there is one. */
export function Summary({ text }: { text: string | null }) {
  return text === null || text === "" ? null : <p className={styles.summary}>{text}</p>;
}

/** The last line that has begun at a second; -1: none has. */
function lineAt(items: readonly ConversationItem[], seconds: number): number {
  return items.findLastIndex(({ at_seconds: begin }) => begin !== null && begin <= seconds + 0.05);
}

function Moment({ item, play }: { item: ConversationItem; play: ((seconds: number) => void) | null }) {
  const { at_seconds: seconds } = item;
  if (seconds === null) return <span className={styles.moment} />;
  const time = duration(seconds);
  if (play === null) return <span className={styles.moment}>{time}</span>;
  return (
    <button
      type="button"
      className={styles.moment}
      aria-label={t("call.playFrom", { time })}
      onClick={() => play(seconds)}
    >
      {time}
    </button>
  );
}

const SPEAKERS = {
  caller: ["call.caller", User],
  agent: ["call.agent", Bot],
  other: ["call.other", User],
} as const;

function Speech({
  item,
  play,
}: {
  item: ConversationItem & { kind: "speech" };
  play: ((seconds: number) => void) | null;
}) {
  const [name, Icon] = SPEAKERS[item.role];
  const { at_seconds: seconds } = item;
  const canPlay = play !== null && seconds !== null;
  // Words that are being selected are not played.
  const onClick = () => canPlay && getSelection()?.isCollapsed !== false && play(seconds);
  return (
    <div className={classes(styles.speech, styles[item.role])}>
      <span className={styles.speaker}>
        <Icon size={13} aria-hidden />
        {t(name)}
        {item.latency_ms !== null && (
          <span
            className={classes(styles.latency, item.latency_ms >= SLOW_MS && styles.slow)}
            title={t("call.latencyAbout")}
          >
            {milliseconds(item.latency_ms)}
          </span>
        )}
      </span>
      {/* biome-ignore lint/a11y: the button with the time does the same by keyboard and for a screen reader. */}
      <p className={classes(canPlay && styles.playable)} onClick={onClick}>
        {item.text}
      </p>
    </div>
  );
}

function ToolCall({ item }: { item: ConversationItem & { kind: "tool_call" } }) {
  return (
    <details className={styles.tool}>
      <summary>
        <Wrench size={13} aria-hidden />
        <code>{item.name}</code>
        {item.took_ms !== null && <span className={styles.latency}>{milliseconds(item.took_ms)}</span>}
        {item.result === null && <span className={styles.slow}>{t("call.noResult")}</span>}
      </summary>
      <h3>{t("call.arguments")}</h3>
      <JsonText value={item.arguments} />
      {item.result !== null && (
        <>
          <h3>{t("call.result")}</h3>
          <JsonText value={item.result} />
        </>
      )}
    </details>
  );
}
