import type { Json } from "@call-ledger/domain";

type Line =
  | { readonly speaker: "agent" | "caller"; readonly text: string }
  | { readonly tool: string; readonly arguments: { readonly [key: string]: Json }; readonly result: Json };

/** The lines after the greeting. */
export const SAMPLE_LINES: readonly Line[] = [
  { speaker: "caller", text: "Hello, I'd like to move my booking to Thursday morning." },
  { speaker: "agent", text: "Of course. Your name, please?" },
  { speaker: "caller", text: "Sam Carter." },
  {
    tool: "find_slots",
    arguments: { customer: "Sam Carter", day: "Thursday", part_of_day: "morning" },
    result: { slots: ["09:30", "11:15"] },
  },
  { speaker: "agent", text: "Thursday at half past nine is free. Shall I move it there?" },
  { speaker: "caller", text: "Yes, thank you." },
  { speaker: "agent", text: "Done. See you on Thursday. Goodbye!" },
];

export const SAMPLE_TOPIC = "a booking";
export const SAMPLE_SUMMARY = "Sam Carter moved a booking to Thursday at half past nine.";
