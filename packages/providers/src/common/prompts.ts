import type { Json, Prompt } from "@call-ledger/domain";
import {
  boundedText,
  isList,
  isPromptReference,
  mapElements,
  mapFields,
  PROMPT_HASH_LENGTH,
  promptReference,
} from "@call-ledger/domain";
import { sha256 } from "./digest.ts";
import type { JsonObject } from "./json-body.ts";
import { isObject, parseJson } from "./json-body.ts";
import { remembering } from "./secret-names.ts";

/** The roles whose messages instruct a model, in lower case. */
export const INSTRUCTORS: ReadonlySet<string> = new Set(["system", "developer"]);
/** The fields that contain the words of a message, or of its parts if it is a list of parts. */
const WORDS = new Set(["message", "content", "text", "transcript", "utterance"]);
const INSTRUCTOR = /^(?:system|developer|instructions?|prompt)(?:[-_ ]?(?:message|prompt|instructions?))?$/i;
const PROMPT_NAME = /prompts?(?:[-_]?(?:text|template|v?\d{1,3}))?$|^system[-_]?(?:message|instructions?)$/i;
/** What a model is told to do, in its configuration. Elsewhere it is what a caller asks for, such as how to deliver. */
const CONFIGURATION = /^(?:model|assistant|agent)$/i;
const INSTRUCTION_NAME = /^(?:system|instructions?)$/i;
/** Elsewhere these names may have anything, so the words tell whether they instruct a model. */
const ROLE_NAME = /^(?:system|instructions?|persona|context|guidelines|behaviou?r)$/i;
const TO_A_MODEL =
  /^[\s#*"]*(?:you(?:'re| are| act| will be)\b|act as\b|your (?:role|task|job|name|goal) (?:is|will)\b)/i;
const isPromptName = remembering((name) => PROMPT_NAME.test(name));
/**
 * The lines of a transcript in which a speaker's words begin, `AI: Hello`, `AI - Hello` or `[AI] Hello`, and those of
 * them that instruct a model.
 */
const beginning = (speakers: string) =>
  `^[ \\t]*(?:\\[(?:${speakers})\\][ \\t]*:?|(?:${speakers})[ \\t]*(?::|-(?=[ \\t])))`;
const SPOKEN = new RegExp(beginning("ai|assistant|agent|bot|user|customer|human|caller|tool"), "i");
const INSTRUCTING = new RegExp(
  beginning("(?:system|developer)(?:[ _-]?(?:message|prompt|instructions?))?"),
  "i",
);
const INSTRUCTS = new RegExp(INSTRUCTING, "im");
/** The fields that may be a transcript as a text. */
const TRANSCRIPTS: ReadonlySet<string> = new Set(["transcript", "messages", "conversation", "artifact"]);

/** A value with references instead of prompts, and the prompts, each once. */
export type WithoutPrompts = { readonly value: Json; readonly prompts: readonly Prompt[] };

/**
 * Removes the system prompts from a value: the words of system messages, and texts under a prompt's name. Prompts are
 * the same in every call of an agent, occur several times in a report, and need another scope than the call. A
 * reference stays. A value without a prompt is not copied.
 */
export function withoutPrompts(value: Json): WithoutPrompts {
  const taken = new Map<string, Prompt>();
  const walked = walk(value, taken);
  return { value: walked, prompts: [...taken.values()] };
}

function walk(value: Json, taken: Map<string, Prompt>, isConfiguration = false): Json {
  if (value === null || typeof value !== "object") return value;
  if (isList(value)) return mapElements(value, (inner) => walk(inner, taken));
  const { call, message } = value;
  const isInstruction = instructs(speakerIn(value));
  return mapFields(value, (inner, name) => {
    if (isInstruction && WORDS.has(name)) return words(inner, taken);
    // A whole message of the provider, whose other fields are about the call.
    if (isInstruction && call !== undefined) return walk(inner, taken);
    const isPrompt = isPromptName(name) || (isConfiguration && INSTRUCTION_NAME.test(name));
    if (typeof inner === "string" && (isPrompt || (ROLE_NAME.test(name) && TO_A_MODEL.test(inner))))
      return referenceTo(inner, taken);
    if (isPrompt || isInstruction) return sentences(inner, taken);
    if (typeof inner !== "string") return walk(inner, taken, CONFIGURATION.test(name));
    if (!TRANSCRIPTS.has(name)) return document(inner, taken);
    // In the flat dialect the speaker stands beside the words.
    if (name === "transcript" && isObject(message) && instructs(message.role))
      return referenceTo(inner, taken);
    return INSTRUCTS.test(inner) ? spokenLines(inner, taken) : document(inner, taken);
  });
}

/** Returns the name of a message's speaker. OpenAI's `name` tells a system message with the role of a user. */
function speakerIn({ role, speaker, from, author, name, type }: JsonObject): Json | undefined {
  if (typeof name === "string" && role === "user" && INSTRUCTOR.test(name)) return name;
  const inner = isObject(author) ? author.role : author;
  return [role, speaker, from, inner, type].find((one) => typeof one === "string");
}

function instructs(speaker: Json | undefined): boolean {
  return typeof speaker === "string" && INSTRUCTOR.test(speaker);
}

/** A text that is JSON is searched, too. */
function document(text: string, taken: Map<string, Prompt>): string {
  const inner = parseJson(text);
  const walked = inner === null ? null : walk(inner, taken);
  return walked === inner ? text : JSON.stringify(walked);
}

/** Under a prompt's name every text of several words is one. Others are ids and settings. */
function sentences(value: Json, taken: Map<string, Prompt>): Json {
  if (typeof value === "string") return /\S\s+\S/.test(value) ? referenceTo(value, taken) : value;
  if (value === null || typeof value !== "object") return value;
  if (isList(value)) return mapElements(value, (inner) => sentences(inner, taken));
  return mapFields(value, (inner) => sentences(inner, taken));
}

/** A prompt in a transcript ends with its text, or where somebody speaks. */
function spokenLines(text: string, taken: Map<string, Prompt>): string {
  const kept: string[] = [];
  let speaker: string | undefined;
  let prompt: string[] = [];
  for (const line of [...text.split("\n"), null]) {
    const [next] = INSTRUCTING.exec(line ?? "") ?? [];
    const isOver = line === null || next !== undefined || SPOKEN.test(line);
    if (isOver && speaker !== undefined) {
      kept.push(`${speaker} ${referenceTo(prompt.join("\n").trim(), taken)}`);
      speaker = undefined;
    }
    if (line === null) break;
    if (next !== undefined) [speaker, prompt] = [next, [line.slice(next.length)]];
    else if (speaker === undefined) kept.push(line);
    else prompt.push(line);
  }
  return kept.join("\n");
}

function words(value: Json, taken: Map<string, Prompt>): Json {
  if (typeof value === "string") return referenceTo(value, taken);
  if (value === null || typeof value !== "object") return value;
  if (isList(value)) return mapElements(value, (inner) => words(inner, taken));
  return mapFields(value, (inner, name) => (WORDS.has(name) ? words(inner, taken) : sentences(inner, taken)));
}

function referenceTo(given: string, taken: Map<string, Prompt>): string {
  const text = boundedText(given);
  if (text === null || text.trim() === "" || isPromptReference(text)) return given;
  const known = taken.get(text);
  const prompt = known ?? { hash: sha256(text).slice(0, PROMPT_HASH_LENGTH), text };
  if (known === undefined) taken.set(text, prompt);
  return promptReference(prompt.hash);
}
