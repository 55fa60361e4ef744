import { answeringThread, ThreadUnanswered } from "@call-ledger/process/thread";
import { LedgerUnreadable } from "../ledger-reading.ts";
import { JsonText } from "../mount/json-text.ts";
import type { CallQuestion } from "./call-answer.ts";
import { callAnswer } from "./call-answer.ts";
import type { CallRow } from "./call-view.ts";

/** Makes the body of an answer with all parts of a call. Throws LedgerUnreadable if it takes too long. */
export type CallAnswers = (question: CallQuestion) => Promise<JsonText>;

/** With this number of characters in the worst form, parsing and writing take 20 ms; 5 MB take 400 ms. */
const LARGE_CALL = 262_144;

const LIMITS = { idleMs: 5_000, maxHeapMb: 160 };
/** Reading the call has used up to two of the five seconds of a request. */
const DEADLINE_MS = 2_800;

/** In the bundle, the thread's program is beside the code that starts it. */
const PROGRAM = new URL(
  import.meta.url.endsWith(".ts") ? "./call-answer.thread.ts" : "./call-answer.thread.mjs",
  import.meta.url,
);

/** Makes answers. Those with a large call are made in a separate thread, one after another. */
export function callAnswers(): CallAnswers {
  const ask = answeringThread<CallQuestion, string>(PROGRAM, LIMITS);
  let before: Promise<unknown> = Promise.resolve();
  const aside = (question: CallQuestion): Promise<string> => {
    const answer = before.then(() => ask(question, [], DEADLINE_MS));
    before = answer.catch(() => undefined);
    return answer;
  };
  return async (question) => {
    if (lengthOf(question.row) < LARGE_CALL) return new JsonText(callAnswer(question));
    try {
      return new JsonText(await aside(question));
    } catch (error) {
      throw error instanceof ThreadUnanswered ? new LedgerUnreadable(error.code) : error;
    }
  };
}

/** The characters of the texts and documents of a call. */
function lengthOf({ summary, details, costs, prompts }: CallRow): number {
  const segments = details?.segments ?? [];
  const texts = [
    summary,
    details?.transcript,
    details?.messages,
    details?.analysis,
    details?.details,
    details?.metadata,
    costs?.breakdown,
    ...segments.map(({ text }) => text),
    ...(prompts ?? []).map(({ text }) => text),
  ];
  return texts.reduce((sum, text) => sum + (text?.length ?? 0), 0);
}
