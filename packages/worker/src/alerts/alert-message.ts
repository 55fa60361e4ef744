import type { AlarmNews } from "@call-ledger/db/alerts";
import { alarmWords, endingWords, runbookOf } from "@call-ledger/domain";

/** A message for people, as plain text. */
export type AlertMessage = {
  /** One line. */
  readonly subject: string;
  readonly text: string;
};

/** The max number of alarms that one message names. It gives the number of the others. */
const MAX_NAMED = 20;

const WORD = { opened: "ALARM", repeated: "STILL", closed: "OVER" } as const;

/** Returns the text of a message. It is made of conditions, ids and figures only, and never of content of a call. */
export function alertMessage(news: readonly AlarmNews[]): AlertMessage {
  const [first] = news;
  if (first === undefined) {
    return {
      subject: "Test",
      text: "This is a test message. Alarms of call-ledger are sent to this channel.",
    };
  }
  const more = news.length > 1 ? ` and ${news.length - 1} more` : "";
  const left = news.length - MAX_NAMED;
  return {
    subject: `${WORD[first.kind]}: ${first.condition}${more}`,
    text: [
      ...news.slice(0, MAX_NAMED).map(paragraph),
      ...(left > 0 ? [`${left} more: pnpm --silent ops alerts list`] : []),
    ].join("\n\n"),
  };
}

function paragraph({ kind, condition, scope, figures, openedAt, at, alarmId }: AlarmNews): string {
  const since = `Since ${minute(openedAt)}`;
  return [
    `${WORD[kind]}: ${condition} (${scope})`,
    ...(kind === "closed"
      ? [[`${since}, over at ${minute(at)}.`, endingWords(condition)].filter(Boolean).join(" ")]
      : [
          alarmWords(condition, figures),
          `${since}. What to do: ${runbookOf(condition)}`,
          `To stop its repetition: pnpm --silent ops alerts ack ${alarmId}`,
        ]),
  ].join("\n");
}

function minute(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
