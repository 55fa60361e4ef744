import { parametersNamed } from "../../app/search.ts";
import { addDays, dayOf } from "../../format/dates.ts";

const NAMES = [
  "search",
  "agent",
  "outcome",
  "phase",
  "direction",
  "attention",
  "recording_state",
  "recording_deadline_within_hours",
  "report_state",
  "tag",
  "external_ref",
  "from",
  "to",
  "sort",
  "order",
  "call",
] as const;

/** The URL of the list: filters, order and the call whose sheet is open. Lists are joined with commas. */
export type CallsSearch = { readonly [Name in (typeof NAMES)[number]]?: string | undefined };

/** Without an open call and what is shown of it. */
export const CLOSED = { call: undefined, tab: undefined, show: undefined } as const;

/** A filter that a person sets from a menu of choices. */
export type ChoiceFilter = "outcome" | "attention" | "phase" | "direction" | "recording_state";

/** The parameters of a URL's query that belong to the list. */
export const callsSearch = parametersNamed<CallsSearch>(...NAMES);

/** A search for digits in any form searches numbers; any other search searches the spoken text. */
const NUMBER = /^[+(\d][\d\s().-]{2,}$/;

function isNumberSearch(text: string): boolean {
  return NUMBER.test(text.trim());
}

/** The search as a query of the API. A text that is too short to search for is left out. */
export function callsQuery(search: CallsSearch): Readonly<Record<string, string>> {
  // The router keeps unknown parameters of a URL.
  const { search: text = "", call: _open, ...filters } = callsSearch(search);
  const trimmed = text.trim();
  const [name, min] = isNumberSearch(trimmed) ? ["number", 3] : ["q", 2];
  const sought = trimmed.length < min ? [] : [[name, trimmed]];
  return Object.fromEntries([
    ...Object.entries(filters).filter(([, value]) => value !== undefined),
    ...sought,
  ]);
}

/** Whether any filter is set; the order and the open sheet are not filters. */
export function isFiltered(search: CallsSearch): boolean {
  return Object.keys(callsSearch(search)).some((name) => !["sort", "order", "call"].includes(name));
}

export function listIn(value: string | undefined): readonly string[] {
  return value === undefined ? [] : value.split(",");
}

/** The list with the value added, or without it if it had the value; `undefined`: the list is empty. */
export function toggled(value: string | undefined, one: string): string | undefined {
  const list = listIn(value);
  const next = list.includes(one) ? list.filter((each) => each !== one) : [...list, one];
  return next.length === 0 ? undefined : next.join(",");
}

export const PERIODS = ["today", "yesterday", "7", "30", "month", "last_month"] as const;
export type Period = (typeof PERIODS)[number] | "90";

/** Returns the days of a period in the organization's calendar. `to` is the first day after it. */
export function periodDays(period: Period, zone: string, now = new Date()): { from: string; to?: string } {
  const today = dayOf(now, zone);
  if (period === "today") return { from: today };
  if (period === "yesterday") return { from: addDays(today, -1), to: today };
  const month = firstOfMonth(today);
  if (period === "month") return { from: month };
  if (period === "last_month") return { from: firstOfMonth(addDays(month, -1)), to: month };
  return { from: addDays(today, 1 - Number(period)) };
}

function firstOfMonth(day: string): string {
  return `${day.slice(0, 7)}-01`;
}
