export type Tone = "green" | "amber" | "red" | "blue" | "violet" | "pink" | "gray" | "hollow";

const OUTCOMES: Readonly<Record<string, Tone>> = {
  completed: "green",
  forwarded: "violet",
  no_answer: "amber",
  busy: "pink",
  voicemail: "blue",
  canceled: "gray",
  failed: "red",
  unknown: "hollow",
};

/** The colour of an outcome, the same everywhere. No other outcome has it. */
export function outcomeTone(outcome: string): Tone {
  return OUTCOMES[outcome] ?? "hollow";
}
