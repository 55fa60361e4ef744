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

/** Who speaks in what a model is instructed with, in lower case. */
export const INSTRUCTORS: ReadonlySet<string> = new Set(["system", "developer"]);
/** Where the words of a message stand, and those of its parts where it is a list of parts. */
const WORDS = new Set(["message", "content", "text", "transcript", "utterance"]);
const PROMPT_NAME = /prompt$|^system_?(?:message|instructions?)$/i;

/** A value in which prompts are referred to, and the prompts, each once. */
export type WithoutPrompts = { readonly value: Json; readonly prompts: readonly Prompt[] };

/**
 * Takes the system prompts out of a value: the words of system messages, and texts under a prompt's name.
 * They are the same in every call of an agent, stand several times in a report, and are for fewer eyes than the call.
 * What is a reference already stays; a value without a prompt is not copied.
 */
export function withoutPrompts(value: Json): WithoutPrompts {
  const taken = new Map<string, Prompt>();
  const walked = walk(value, taken);
  return { value: walked, prompts: [...taken.values()] };
}

function walk(value: Json, taken: Map<string, Prompt>): Json {
  if (value === null || typeof value !== "object") return value;
  if (isList(value)) return mapElements(value, (inner) => walk(inner, taken));
  const { role, speaker } = value;
  const speaks = typeof role === "string" ? role : speaker;
  const isInstruction = typeof speaks === "string" && INSTRUCTORS.has(speaks.toLowerCase());
  return mapFields(value, (inner, name) => {
    if (isInstruction && WORDS.has(name)) return words(inner, taken);
    if (typeof inner === "string") return PROMPT_NAME.test(name) ? referenceTo(inner, taken) : inner;
    return walk(inner, taken);
  });
}

function words(value: Json, taken: Map<string, Prompt>): Json {
  if (typeof value === "string") return referenceTo(value, taken);
  if (value === null || typeof value !== "object") return value;
  if (isList(value)) return mapElements(value, (inner) => words(inner, taken));
  return mapFields(value, (inner, name) => (WORDS.has(name) ? words(inner, taken) : walk(inner, taken)));
}

function referenceTo(said: string, taken: Map<string, Prompt>): string {
  const text = boundedText(said);
  if (text === null || text.trim() === "" || isPromptReference(text)) return said;
  const known = taken.get(text);
  const prompt = known ?? { hash: sha256(text).slice(0, PROMPT_HASH_LENGTH), text };
  if (known === undefined) taken.set(text, prompt);
  return promptReference(prompt.hash);
}
