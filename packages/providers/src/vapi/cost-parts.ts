import type { CostPart, Json } from "@call-ledger/domain";
import { isList } from "@call-ledger/domain";
import type { JsonObject } from "../common/json-body.ts";
import { isObject } from "../common/json-body.ts";
import { numberOf } from "./wire.fields.ts";

/** The counts that Vapi gives beside a part of `costBreakdown`: the fields to add up, and their unit, by part. */
const COUNTED: ReadonlyMap<string, readonly [unit: string, ...fields: string[]]> = new Map([
  ["llm", ["tokens", "llmPromptTokens", "llmCompletionTokens"]],
  ["tts", ["characters", "ttsCharacters"]],
]);

/** The counts of an element of `costs`: the first field that exists. */
const UNITS: readonly (readonly [unit: string, ...fields: string[]])[] = [
  ["minutes", "minutes"],
  ["characters", "characters"],
  ["tokens", "promptTokens", "completionTokens"],
];

/** The max number of parts that are read, which is ten times what Vapi gives. */
const MAX_PARTS = 200;

const ANALYSIS = "analysisCostBreakdown";

/** Returns the parts of `costBreakdown`, or of the list `costs` in its place. Parts that cost nothing are left out. */
export function vapiCostParts(breakdown: Json): readonly CostPart[] {
  if (isObject(breakdown)) return [...partsOf(breakdown), ...analysisParts(breakdown[ANALYSIS] ?? null)];
  if (breakdown === null || typeof breakdown !== "object" || !isList(breakdown)) return [];
  return breakdown.slice(0, MAX_PARTS).flatMap((item) => (isObject(item) ? partOfList(item) : []));
}

function partsOf(breakdown: JsonObject): CostPart[] {
  return firstOf(breakdown).flatMap(([name, cost]) => {
    const usd = numberOf(cost);
    if (name === "total" || !isCost(usd) || /Tokens|Characters|Minutes|Seconds/.test(name)) return [];
    const [unit, ...fields] = COUNTED.get(name) ?? [null];
    return [{ name, usd, ...counted(breakdown, unit, fields) }];
  });
}

function firstOf(breakdown: JsonObject): (readonly [string, Json])[] {
  const names = Object.keys(breakdown).slice(0, MAX_PARTS);
  return names.map((name) => [name, breakdown[name] ?? null]);
}

function analysisParts(breakdown: Json): CostPart[] {
  if (!isObject(breakdown)) return [];
  return firstOf(breakdown).flatMap(([name, usd]) =>
    isCost(usd) && !/Tokens/.test(name)
      ? [
          {
            name: `analysis: ${name}`,
            usd,
            ...counted(breakdown, "tokens", [`${name}PromptTokens`, `${name}CompletionTokens`]),
          },
        ]
      : [],
  );
}

function partOfList(item: JsonObject): CostPart[] {
  const { type, analysisType } = item;
  const cost = numberOf(item.cost);
  if (typeof type !== "string" || !isCost(cost)) return [];
  const name = typeof analysisType === "string" ? `${type}: ${analysisType}` : type;
  const [unit, ...fields] = UNITS.find(([, field]) => typeof item[field ?? ""] === "number") ?? [null];
  return [{ name, usd: cost, ...counted(item, unit, fields) }];
}

function counted(
  place: JsonObject,
  unit: string | null,
  fields: readonly string[],
): Pick<CostPart, "quantity" | "unit"> {
  const numbers = fields.flatMap((field) => {
    const value = place[field];
    return typeof value === "number" ? [value] : [];
  });
  if (unit === null || numbers.length === 0) return { quantity: null, unit: null };
  return { quantity: numbers.reduce((sum, one) => sum + one, 0), unit };
}

function isCost(value: Json): value is number {
  return typeof value === "number" && Number.isFinite(value) && value > 0;
}
