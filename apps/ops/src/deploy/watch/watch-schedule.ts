/** The subjects of checks: /health, the size compared with the start, the server's log, the rows in the database. */
export type Subject = "health" | "size" | "logs" | "data";

/** A period with its intervals, all in milliseconds. */
type Phase = {
  /** Milliseconds since the start of the watch. */
  readonly untilMs: number;
  readonly everyMs: Readonly<Partial<Record<Subject, number>>>;
  /** Whether the log is also read every second between the checks, so that a breach in it is reported immediately. */
  readonly followsLog?: true;
};

export type Schedule = readonly Phase[];

export type Moment = {
  readonly atMs: number;
  readonly subjects: readonly Subject[];
  readonly followsLog: boolean;
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The day of a deployment: frequent checks in the first hour, fewer later. */
export const FIRST_DAY_SCHEDULE: Schedule = [
  {
    untilMs: HOUR,
    everyMs: { health: 5 * MINUTE, size: 5 * MINUTE, logs: 5 * MINUTE, data: HOUR },
    followsLog: true,
  },
  {
    untilMs: 4 * HOUR,
    everyMs: { health: 10 * MINUTE, size: 10 * MINUTE, logs: 15 * MINUTE, data: 3 * HOUR },
  },
  { untilMs: DAY, everyMs: { health: 30 * MINUTE, size: 4 * HOUR, logs: 30 * MINUTE, data: 4 * HOUR } },
];

/** From the second day on, until the watch is stopped. */
export const DAILY_SCHEDULE: Schedule = [
  { untilMs: Number.POSITIVE_INFINITY, everyMs: { health: DAY / 2, size: DAY, logs: DAY, data: DAY } },
];

/** Returns a schedule with one interval. The rows are checked first and last. */
export function evenSchedule(everyMs: number, forMs: number): Schedule {
  const intervals = { health: everyMs, size: everyMs, logs: everyMs, data: forMs };
  return [{ untilMs: forMs, everyMs: intervals, followsLog: true }];
}

/** Returns whether a schedule has no end and can only be stopped. */
export function isEndless(schedule: Schedule): boolean {
  return schedule.at(-1)?.untilMs === Number.POSITIVE_INFINITY;
}

/** Yields the moments of the checks in order. A schedule with an end checks everything at its end. */
export function* moments(schedule: Schedule): Generator<Moment> {
  let fromMs = 0;
  for (const { untilMs, everyMs, followsLog = false } of schedule) {
    const intervals = Object.entries(everyMs) as [Subject, number][];
    let atMs = fromMs;
    while (atMs < untilMs) {
      const since = atMs - fromMs;
      const subjects = intervals.filter(([, every]) => since % every === 0).map(([subject]) => subject);
      yield { atMs, subjects, followsLog };
      atMs = fromMs + Math.min(...intervals.map(([, every]) => (Math.floor(since / every) + 1) * every));
    }
    fromMs = untilMs;
  }
  yield { atMs: fromMs, subjects: ["health", "size", "logs", "data"], followsLog: false };
}
