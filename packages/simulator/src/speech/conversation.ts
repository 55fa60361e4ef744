import type { Instant, Json } from "@call-ledger/domain";
import type { Random } from "../random.ts";
import type { Persona } from "./persona.ts";
import { utterance } from "./phrases.ts";
import { SAMPLE_LINES } from "./sample.ts";
import { toolArguments, toolCallId, toolResult } from "./tool-use.ts";

export type Speech = {
  readonly kind: "speech";
  readonly speaker: "agent" | "caller";
  readonly text: string;
  readonly at: Instant;
  readonly until: Instant;
};

export type ToolUse = {
  readonly kind: "tool";
  readonly id: string;
  readonly name: string;
  readonly arguments: { readonly [key: string]: Json };
  readonly result: Json;
  readonly at: Instant;
  readonly until: Instant;
};

export type Turn = Speech | ToolUse;

/** The course of a conversation: to its end, handed over to a person, cut off in the middle, or with a machine. */
export type Course = "whole" | "handed_over" | "cut_off" | "machine";

const TOPICS = [
  "name",
  "phone",
  "address",
  "when",
  "birth",
  "insurance",
  "detail",
  "detail",
  "price",
] as const;
const TOOL_EVERY = 5;
const MS_PER_CHARACTER = 58;

/** The clock of a conversation. Each turn starts after the previous one has ended. */
class Clock {
  #now: Instant;
  readonly #random: Random;

  constructor(start: Instant, random: Random) {
    this.#now = start;
    this.#random = random;
  }

  speech(speaker: Speech["speaker"], text: string): Speech {
    const at = this.#now + this.#random.int(210, 1_900);
    const until = at + Math.round(text.length * MS_PER_CHARACTER * (0.8 + 0.4 * this.#random.fraction()));
    this.#now = until;
    return { kind: "speech", speaker, text, at, until };
  }

  tool(name: string, given?: Pick<ToolUse, "arguments" | "result">): ToolUse {
    const at = this.#now + this.#random.int(120, 700);
    const until = at + this.#random.int(240, 2_600);
    this.#now = until;
    return {
      kind: "tool",
      id: toolCallId(this.#random),
      name,
      arguments: given?.arguments ?? toolArguments(this.#random),
      result: given === undefined ? toolResult(this.#random, at) : given.result,
      at,
      until,
    };
  }
}

/**
 * Returns the conversation of a call from the answer on: about `turns` utterances, and now and then a tool call. Never
 * empty.
 */
export function conversation(
  persona: Persona,
  options: { readonly course: Course; readonly turns: number; readonly answeredAt: Instant },
  random: Random,
): readonly Turn[] {
  const { course, turns, answeredAt } = options;
  const clock = new Clock(answeredAt, random);
  const fresh = unrepeated(random);
  const agent = (kind: string) => clock.speech("agent", fresh(kind));
  const caller = (kind: string) => clock.speech("caller", fresh(kind));
  if (course === "machine") return [caller("machine"), agent("agent_message")];

  const spoken: Turn[] = [clock.speech("agent", persona.greeting), caller("caller_need")];
  const middle = Math.max(0, turns - 4);
  for (let exchange = 1; exchange * 2 <= middle; exchange += 1) {
    if (exchange % TOOL_EVERY === 2) {
      spoken.push(
        agent("agent_before_tool"),
        clock.tool(random.pick(persona.tools)),
        agent("agent_after_tool"),
      );
    }
    const topic = random.pick(TOPICS);
    if (random.chance(0.2)) spoken.push(caller("caller_aside"), agent("agent_aside"));
    else spoken.push(agent(`ask_${topic}`), caller(`answer_${topic}`));
  }
  if (course === "whole") spoken.push(agent("agent_bye"), caller("caller_bye"));
  if (course === "handed_over") spoken.push(caller("caller_person"), agent("agent_transfer"));
  return spoken;
}

/** Returns the conversation of a sample. It suits any business that takes bookings. */
export function sampleConversation(persona: Persona, answeredAt: Instant, random: Random): readonly Turn[] {
  const clock = new Clock(answeredAt, random);
  const greeting = `Hello, this is ${persona.agentName}. How can I help?`;
  const lines = [{ speaker: "agent", text: greeting } as const, ...SAMPLE_LINES];
  return lines.map((line) =>
    "tool" in line ? clock.tool(line.tool, line) : clock.speech(line.speaker, line.text),
  );
}

/**
 * Returns a source of utterances that never repeats one. In the flat form, which has no times, two equal ones would be
 * one.
 */
function unrepeated(random: Random): (kind: string) => string {
  const used = new Set<string>();
  return (kind) => {
    let text = utterance(kind, random);
    for (let tries = 0; used.has(text) && tries < 50; tries += 1) text = utterance(kind, random);
    used.add(text);
    return text;
  };
}
