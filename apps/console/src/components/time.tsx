import { useSyncExternalStore } from "react";
import {
  clockTime,
  longDateTime,
  preciseDateTime,
  relativeTime,
  shortDateTime,
  utcDateTime,
} from "../format/dates.ts";
import { duration } from "../format/numbers.ts";
import { t } from "../text/text.ts";
import { useZone } from "./zone.ts";

/** A moment in the organization's time zone. The tooltip has it in full and in UTC, after its name if one is given. */
export function Time({
  at,
  form = "short",
  name,
}: {
  at: string;
  form?: "clock" | "short" | "precise" | "relative";
  name?: string;
}) {
  const zone = useZone();
  const moment = new Date(at);
  const title = [...(name === undefined ? [] : [name]), timeTitle(moment, zone)].join("\n");
  return (
    <time dateTime={at} title={title}>
      {form === "clock" ? clockTime(moment, zone) : null}
      {form === "precise" ? preciseDateTime(moment, zone) : null}
      {form === "short" ? shortDateTime(moment, zone) : null}
      {form === "relative" ? <Relative at={moment} /> : null}
    </time>
  );
}

/** The tooltip of a time: in full and in UTC, one line each. */
export function timeTitle(at: Date, zone: string): string {
  return [longDateTime(at, zone), t("common.utc", { time: utcDateTime(at) })].join("\n");
}

function Relative({ at }: { at: Date }) {
  useNow(10_000);
  return relativeTime(at);
}

/** The time since a moment, counted every second. */
export function RunningClock({ since }: { since: string }) {
  const now = useNow(1_000);
  return duration((now - Date.parse(since)) / 1_000);
}

const SECOND_MS = 1_000;
const clocks = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** One timer for all clocks of the page, so that they go on in one frame. */
function onSecond(listener: () => void): () => void {
  clocks.add(listener);
  timer ??= setInterval(() => {
    for (const clock of clocks) clock();
  }, SECOND_MS);
  return () => {
    clocks.delete(listener);
    if (clocks.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function useNow(everyMs: number): number {
  return useSyncExternalStore(onSecond, () => Math.floor(Date.now() / everyMs) * everyMs);
}
