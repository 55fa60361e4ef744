import type { Completeness } from "@call-ledger/contract/completeness";
import type { Tone } from "../../components/tone.ts";
import type { TextKey } from "../../text/text.ts";
import { isLackingCalls } from "./completeness.query.ts";

export type ComparedDay = Completeness["accounts"][number]["days"][number];

/** Returns the color and the text of a day's state. `today` is a day of the organization's calendar. */
export function dayState(day: ComparedDay, today: string): readonly [tone: Tone, text: TextKey] {
  if (isLackingCalls(day)) return ["red", "completeness.incomplete"];
  if (day.complete) return ["green", "completeness.complete"];
  if (day.unlisted > 0) return ["amber", "completeness.unlisted"];
  if (day.day === today) return ["gray", "completeness.notOver"];
  return [day.behind ? "amber" : "gray", "completeness.notCompared"];
}
