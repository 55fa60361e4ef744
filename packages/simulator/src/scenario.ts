import type { Instant } from "@call-ledger/domain";
import { DEFAULT_PROVIDER } from "@call-ledger/providers";
import type { Random } from "./random.ts";
import { randomFrom } from "./random.ts";
import type { SimulatedDirection, SimulatedOutcome, SimulationOptions } from "./simulated-call.ts";
import { SIMULATED_DIRECTIONS, SIMULATED_OUTCOMES } from "./simulated-call.ts";
import type { Course, Turn } from "./speech/conversation.ts";
import { conversation, sampleConversation } from "./speech/conversation.ts";
import type { Persona } from "./speech/persona.ts";
import { personaOf } from "./speech/persona.ts";
import { SAMPLE_SUMMARY } from "./speech/sample.ts";
import { summaryOf } from "./speech/talk.ts";

/** The course of a call, independent of the form in which a provider describes it. */
export type Scenario = {
  readonly callId: string;
  readonly persona: Persona;
  readonly direction: SimulatedDirection;
  readonly outcome: SimulatedOutcome;
  readonly createdAt: Instant;
  /** `null`: the call did not ring (a call from a browser, or a busy line). */
  readonly ringingAt: Instant | null;
  readonly answeredAt: Instant | null;
  readonly forwardedAt: Instant | null;
  readonly endedAt: Instant;
  /** The time at which the report is ready. */
  readonly reportedAt: Instant;
  readonly turns: readonly Turn[];
  /** Whether the turns are those of the sample, in which both sides say goodbye. */
  readonly isSample: boolean;
  readonly summary: string;
  readonly customerNumber: string | null;
  /** The source of all other random values of the call. */
  readonly random: Random;
};

/** The weights of outcomes by direction. An outcome that is missing is impossible. */
const ODDS: Readonly<Record<SimulatedDirection, Partial<Record<SimulatedOutcome, number>>>> = {
  inbound: { completed: 72, forwarded: 14, canceled: 6, failed: 8 },
  outbound: { completed: 44, no_answer: 20, voicemail: 16, busy: 7, canceled: 4, forwarded: 3, failed: 6 },
  web: { completed: 88, failed: 8, canceled: 4 },
};
const DIRECTION_ODDS: Readonly<Record<SimulatedDirection, number>> = { inbound: 60, outbound: 30, web: 10 };
const LONGEST_BY_CHANCE = 60;
const [MIN_TURNS, MAX_TURNS] = [2, 200];
const AREA_CODES = "201 202 206 303 312 404 415 503 512 602 617 702 713 808 907 919".split(" ");
const HEX = "0123456789abcdef";

/** Returns whether a call of a direction can have an outcome. An inbound call cannot be "busy", for example. */
export function isPossible(direction: SimulatedDirection, outcome: SimulatedOutcome): boolean {
  return ODDS[direction][outcome] !== undefined;
}

/** Plans a call. Throws a RangeError for options that contradict each other. */
export function scenarioOf(options: SimulationOptions): Scenario {
  const {
    seed,
    assistantId,
    startedAt,
    provider = DEFAULT_PROVIDER.provider,
    sample: isSample = false,
  } = options;
  const random = randomFrom("call", seed, assistantId, startedAt, options.flat ? "flat" : provider);
  const persona = personaOf(assistantId);
  const callId = timeOrderedId(startedAt, random);
  const { direction, outcome } = kindOf(options, random);
  const turns = options.turns ?? turnsByChance(random);
  if (!Number.isInteger(turns) || turns < MIN_TURNS || turns > MAX_TURNS) {
    throw new RangeError(`turns must be ${MIN_TURNS} to ${MAX_TURNS}`);
  }
  const planned = course(persona, { direction, outcome, turns, createdAt: startedAt, isSample }, random);
  const { reportedAt = planned.reportedAt } = options;
  const times = moved({ ...planned, createdAt: startedAt }, reportedAt - planned.reportedAt);
  return {
    callId,
    persona,
    direction,
    outcome,
    ...times,
    isSample,
    summary: isSample ? SAMPLE_SUMMARY : summaryOf(times.turns),
    customerNumber: direction === "web" ? null : customerNumber(random),
    random,
  };
}

function kindOf({ direction, outcome }: SimulationOptions, random: Random) {
  const possible = SIMULATED_DIRECTIONS.filter(
    (candidate) =>
      (direction ?? candidate) === candidate && (outcome === undefined || isPossible(candidate, outcome)),
  );
  if (possible.length === 0) throw new RangeError(`no ${direction} call ends as ${outcome}`);
  const chosen = random.weighted(
    possible.map((candidate) => [DIRECTION_ODDS[candidate], candidate] as const),
  );
  const odds = SIMULATED_OUTCOMES.map((candidate) => [ODDS[chosen][candidate] ?? 0, candidate] as const);
  const drawn = random.weighted(odds.filter(([weight]) => weight > 0));
  return { direction: chosen, outcome: outcome ?? drawn };
}

/** Draws a number of turns. Most calls are short, a few are long. */
function turnsByChance(random: Random): number {
  return Math.round(4 * (LONGEST_BY_CHANCE / 4) ** random.fraction());
}

const COURSES: Readonly<Partial<Record<SimulatedOutcome, Course>>> = {
  completed: "whole",
  forwarded: "handed_over",
  voicemail: "machine",
  failed: "cut_off",
};

function course(
  persona: Persona,
  call: Pick<Scenario, "direction" | "outcome" | "createdAt"> & {
    readonly turns: number;
    readonly isSample: boolean;
  },
  random: Random,
): Pick<Scenario, "ringingAt" | "answeredAt" | "forwardedAt" | "endedAt" | "reportedAt" | "turns"> {
  const { direction, outcome, turns, createdAt, isSample } = call;
  const rings = direction !== "web" && outcome !== "busy";
  const ringingAt = rings ? createdAt + random.int(350, 1_400) : null;
  const pickUp =
    (ringingAt ?? createdAt) +
    (direction === "outbound" ? random.int(2_500, 19_000) : random.int(500, 2_400));
  const spoken = COURSES[outcome];
  if (spoken === undefined || (outcome === "failed" && random.chance(0.25))) {
    const endedAt = pickUp + (outcome === "no_answer" ? random.int(18_000, 42_000) : random.int(40, 6_000));
    const reportedAt = endedAt + random.int(900, 4_000);
    return { ringingAt, answeredAt: null, forwardedAt: null, endedAt, reportedAt, turns: [] };
  }
  const spokenTurns = isSample
    ? sampleConversation(persona, pickUp, random)
    : conversation(persona, { course: spoken, turns, answeredAt: pickUp }, random);
  const lastWord = spokenTurns.at(-1)?.until ?? pickUp;
  const endedAt = lastWord + random.int(300, 4_500);
  return {
    ringingAt,
    answeredAt: pickUp,
    forwardedAt: outcome === "forwarded" ? lastWord + random.int(20, 280) : null,
    endedAt,
    reportedAt: endedAt + random.int(2_000, 15_000),
    turns: spokenTurns,
  };
}

type Times = ReturnType<typeof course> & Pick<Scenario, "createdAt">;

/** Returns the times of a call, all of them later by `ms`. */
function moved(times: Times, ms: number): Times {
  const later = (at: Instant | null) => (at === null ? null : at + ms);
  return {
    createdAt: times.createdAt + ms,
    ringingAt: later(times.ringingAt),
    answeredAt: later(times.answeredAt),
    forwardedAt: later(times.forwardedAt),
    endedAt: times.endedAt + ms,
    reportedAt: times.reportedAt + ms,
    turns: times.turns.map((turn) => ({ ...turn, at: turn.at + ms, until: turn.until + ms })),
  };
}

/** Returns a fictitious number: 555-01xx is not assigned to anybody. */
function customerNumber(random: Random): string {
  return `+1${random.pick(AREA_CODES)}55501${random.text(2, "0123456789")}`;
}

/** Returns a UUID of version 7. It begins with the time, so ids sort by creation. */
function timeOrderedId(at: Instant, random: Random): string {
  const time = at.toString(16).padStart(12, "0");
  const tail = `${random.text(1, "89ab")}${random.text(3, HEX)}-${random.text(12, HEX)}`;
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.text(3, HEX)}-${tail}`;
}
