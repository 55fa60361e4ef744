import type { Speech, Turn } from "./conversation.ts";
import { WORDS } from "./words.ts";

const CODE = /\b[A-Z2-9]{2}-[A-Z2-9]{5}\b/;
const PHONE = /\b\d{3} 555 01\d\d\b/;

/**
 * Returns what a provider's model would say of a conversation: the customer's first words and the agent's last ones.
 */
export function summaryOf(turns: readonly Turn[]): string {
  const spoken = turns.filter(isSpeech);
  const first = spoken.find(({ speaker }) => speaker === "caller")?.text ?? "";
  const last = spoken.findLast(({ speaker }) => speaker === "agent")?.text ?? "";
  return `The customer said: “${first}” At the end the agent said: “${last}”`;
}

/** Returns the facts that a conversation names: its first topic, code and phone number; `null`: none is named. */
export function factsOf(turns: readonly Turn[]) {
  const text = turns
    .filter(isSpeech)
    .map((speech) => speech.text)
    .join("\n");
  const places = WORDS.job
    .map((job) => ({ job, at: text.toLowerCase().indexOf(job.toLowerCase()) }))
    .filter(({ at }) => at >= 0)
    .toSorted((one, other) => one.at - other.at);
  return {
    topic: places[0]?.job ?? null,
    code: CODE.exec(text)?.[0] ?? null,
    phone: PHONE.exec(text)?.[0] ?? null,
  };
}

function isSpeech(turn: Turn): turn is Speech {
  return turn.kind === "speech";
}
