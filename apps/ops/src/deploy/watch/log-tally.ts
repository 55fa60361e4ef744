/** The words of an alert in the log, most specific first. */
const ALARMS = [
  "Error checking idempotency",
  "Failed to mark event as processed",
  "CRITICAL",
  "NOT NULL constraint violation",
  "constraint failed",
] as const;
type Alarm = (typeof ALARMS)[number];

/** The counts of the log's lines since the start. It stores only the time of a line and the id of its request. */
export type LogTally = {
  lines: number;
  requests: number;
  /** Requests that were answered with 500 or more. */
  errors: number;
  firstError: Sighting | null;
  alarms: number;
  firstAlarm: (Sighting & { readonly alarm: Alarm }) | null;
};

type Sighting = { readonly time: string; readonly requestId: string };

export function emptyTally(): LogTally {
  return { lines: 0, requests: 0, errors: 0, firstError: null, alarms: 0, firstAlarm: null };
}

/** Counts a line. Of our own JSON lines it reads the message, of any other the whole text. */
export function countLine(tally: LogTally, line: string): void {
  const entry = entryIn(line);
  const message = entry === null ? line : textOf(entry, "msg");
  const sighting = { time: textOf(entry, "time"), requestId: textOf(entry, "id") };
  tally.lines += 1;
  const alarm = ALARMS.find((words) => message.includes(words));
  if (alarm !== undefined) {
    tally.alarms += 1;
    tally.firstAlarm ??= { ...sighting, alarm };
  }
  const status: unknown = entry === null ? undefined : Reflect.get(entry, "status");
  if (typeof status !== "number" || message !== "request") return;
  tally.requests += 1;
  if (status < 500) return;
  tally.errors += 1;
  tally.firstError ??= sighting;
}

function entryIn(line: string): object | null {
  if (!line.startsWith("{")) return null;
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === "object" ? entry : null;
  } catch {
    return null;
  }
}

function textOf(entry: object | null, name: string): string {
  const value: unknown = entry === null ? undefined : Reflect.get(entry, name);
  return typeof value === "string" ? value : "";
}
