import type { AlarmCondition } from "./conditions.ts";
import type { AlarmFigures } from "./readings.ts";

/**
 * Returns what the end of an alarm does not mean, as one sentence; `null`: the failure itself is over. These conditions
 * only count what happened a short time ago.
 */
export function endingWords(condition: AlarmCondition): string | null {
  return ENDINGS[condition] ?? null;
}

const ENDINGS: Readonly<Partial<Record<AlarmCondition, string>>> = {
  days_incomplete: "Days that ended more than a week ago are not counted.",
  calls_repaired: "Calls that began more than a day ago are not counted.",
  calls_overdue: "Calls that began more than a day ago are not counted; they keep their marks.",
  recordings_given_up: "No other recording was given up for a day; those that were stay so.",
};

/** Returns one sentence for a person that describes the failure with the figures of the alarm. */
export function alarmWords(condition: AlarmCondition, figures: AlarmFigures): string {
  const of = (name: string) => figures[name] ?? 0;
  return WORDS[condition](of);
}

const WORDS: Readonly<Record<AlarmCondition, (of: (name: string) => number) => string>> = {
  no_deliveries: (of) =>
    // Of an account that gets some deliveries again, the calls are counted.
    of("seconds") === 0
      ? `${count(of("calls"), "call", "calls")} came within 2 hours; in the same hours of earlier weeks ${NUMBERS.format(of("usual_calls"))} or more began.`
      : `No delivery for ${span(of("seconds"))}; in the same hours of earlier weeks ${NUMBERS.format(of("usual_calls"))} or more calls began.`,
  signatures_refused: (of) =>
    of("refused") === 0
      ? "No delivery was accepted since the last ones were refused (401)."
      : `${count(of("refused"), "delivery was", "deliveries were")} refused within ${hours(of("hours"))} (401), ${NUMBERS.format(of("accepted"))} accepted.`,
  deliveries_failing: (of) =>
    `${count(of("deliveries"), "delivery was", "deliveries were")} answered with 5xx within an hour.`,
  provider_failures: (of) =>
    `${count(of("calls"), "call", "calls")} ended within 5 minutes because of a fault of the provider.`,
  calls_overdue: (of) => `${count(of("calls"), "call has", "calls have")} no end or no report.`,
  days_incomplete(of) {
    const lacking =
      `The provider has ${count(of("calls"), "call", "calls")} of the last week that the ledger lacks, ` +
      `on ${count(of("days"), "day", "days")}.`;
    // An alarm of an older release has no figure of its own for these days.
    const days = of("calls") > 0 ? of("uncompared") : of("uncompared") + of("days");
    const uncompared = `${count(days, "day", "days")} of the last week could not be compared with the provider.`;
    return [of("calls") > 0 ? lacking : "", days > 0 ? uncompared : ""].filter(Boolean).join(" ");
  },
  calls_repaired: (of) =>
    `${NUMBERS.format(of("calls"))} of ${count(of("listed"), "call", "calls")} of the last day came from the provider's list, as a whole ` +
    "or in part, because their deliveries did not come.",
  quarantine_growing: (of) =>
    `${count(of("waiting"), "delivery waits", "deliveries wait")} in quarantine, the oldest for ${span(of("seconds"))}.`,
  recordings_failing: (of) =>
    `${count(of("recordings"), "recording has", "recordings have")} failed for an hour or longer, and each is tried again.`,
  recordings_given_up: (of) =>
    `${count(of("recordings"), "recording was", "recordings were")} given up within a day.`,
  recordings_expiring: (of) =>
    `${count(of("recordings"), "recording", "recordings")} could not be fetched yet, and the provider deletes ` +
    "its copy within a day.",
  worker_silent: (of) => `No worker has sent a heartbeat for ${span(of("seconds"))}.`,
  database_filling: (of) => `The database has reached ${of("percent")} % of its limit.`,
  database_idle: (of) =>
    `No event was booked for ${span(of("seconds"))}; Supabase pauses a free project after 7 idle days.`,
  certificate_expiring: (of) =>
    of("days") < 0
      ? "The certificate of PUBLIC_URL is not valid."
      : `The certificate of PUBLIC_URL ends in ${count(of("days"), "day", "days")}.`,
  channel_failing: (of) => `An alert channel has accepted no message for ${span(of("seconds"))}.`,
};

const NUMBERS = new Intl.NumberFormat("en");

function count(number: number, one: string, more: string): string {
  return `${NUMBERS.format(number)} ${number === 1 ? one : more}`;
}

/** A number of whole hours. An alarm of an older release has none, and means one hour. */
function hours(number: number): string {
  return number <= 1 ? "an hour" : span(number * 3_600);
}

/** A duration in whole units, in the largest unit of which it has two or more. */
function span(seconds: number): string {
  const units = [
    [86_400, "days"],
    [3_600, "hours"],
    [60, "minutes"],
  ] as const;
  const [size, unit] = units.find(([unitSeconds]) => seconds >= 2 * unitSeconds) ?? [1, "seconds"];
  return `${NUMBERS.format(Math.floor(seconds / size))} ${unit}`;
}
