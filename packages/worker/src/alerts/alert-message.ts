import type { AlarmNews } from "@call-ledger/db/alerts";
import { alarmWords, RUNBOOKS } from "@call-ledger/domain";

/** A message for people, as plain text. */
export type AlertMessage = {
  /** One line. */
  readonly subject: string;
  readonly text: string;
};

/** One message names so many alarms; how many more there are is said. */
const MAX_NAMED = 20;

const WORD = { opened: "ALARM", repeated: "STILL", closed: "OVER" } as const;

/** The words of a message. What is in them comes from conditions, ids and figures: nothing that a call has said. */
export function alertMessage(news: readonly AlarmNews[]): AlertMessage {
  const [first] = news;
  if (first === undefined) {
    return { subject: "Test", text: "This is a test: alarms of call-ledger are told here." };
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
      ? [`${since}, over at ${minute(at)}.`]
      : [
          alarmWords(condition, figures),
          `${since}. What to do: docs/runbooks/${RUNBOOKS[condition]}.md`,
          `To stop its repetition: pnpm --silent ops alerts ack ${alarmId}`,
        ]),
  ].join("\n");
}

function minute(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
