import { addDays, isDay, shortDay } from "../../format/dates.ts";
import { t } from "../../text/text.ts";

/**
 * A period of the URL in words, in whole days, the last one included. `to` is the first day after the period. Moments,
 * and texts that are no days, are shown as they are.
 */
export function periodWords(from: string | undefined, to: string | undefined): string {
  if (to === undefined) return from === undefined ? "" : t("calls.periodFrom", { from: dayWords(from) });
  if (from === undefined) return t("calls.periodTo", { to: dayWords(to) });
  const isWhole = isDay(from) && isDay(to) && from < to;
  if (isWhole && addDays(from, 1) === to) return shortDay(from);
  return t("calls.periodCustom", { from: dayWords(from), to: dayWords(isWhole ? addDays(to, -1) : to) });
}

function dayWords(value: string): string {
  return isDay(value) ? shortDay(value) : value;
}
