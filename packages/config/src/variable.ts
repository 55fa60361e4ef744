import { z } from "zod";

const LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
/** A host name, or `*.` before a name of two labels at least: every host below it. */
export const HOST_RULE = new RegExp(
  `^(?=.{1,253}$)(?:(?:${LABEL}\\.)*|\\*\\.(?:${LABEL}\\.)+)${LABEL}$`,
  "i",
);
export const HOST_AND_PORT = /^[a-z0-9.-]+:\d{1,5}$/i;

/** What people are told about a variable, in `.env.example` and when its value is refused. */
export type About = {
  readonly group: string;
  /** What it is for, with units; one sentence or two. */
  readonly about: string;
  /** The default, as `.env.example` shows it. */
  readonly example?: string;
  /** Never printed. */
  readonly secret?: true;
  /** Whether NODE_ENV=production refuses to go without it. */
  readonly requiredInProduction?: true;
};

/** What is said about each variable's schema. */
export const ABOUT = z.registry<About>();

export function variable<Schema extends z.ZodType>(about: About, schema: Schema): Schema {
  ABOUT.add(schema, about);
  return schema;
}

/** A whole number within bounds, both included. */
export function whole(min: number, max: number, preset: number) {
  const problem = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, problem)
    .transform(Number)
    .pipe(z.number().min(min, problem).max(max, problem))
    .prefault(String(preset));
}

export function oneOf<const Words extends readonly [string, ...string[]]>(
  words: Words,
  preset: Words[number],
) {
  return z
    .string()
    .prefault(preset)
    .pipe(z.enum(words, { error: `must be one of ${words.join(", ")}` }));
}

/** Words separated by commas, without blanks around them; at least one. */
export function listOf(word: RegExp, what: string, preset: string) {
  return z
    .string()
    .prefault(preset)
    .transform((text) => splitAtCommas(text))
    .refine((words) => words.length > 0 && words.every((one) => word.test(one)), {
      error: `must be ${what}, separated by commas`,
    });
}

/** Words separated by commas, without blanks around them; there may be none. */
export function anyOf(word: RegExp, what: string) {
  return z
    .string()
    .transform(splitAtCommas)
    .pipe(z.array(z.string().regex(word, `must be ${what}, separated by commas`)))
    .prefault("");
}

export function splitAtCommas(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** An absolute URL with one of the schemes; kept as it was written. */
export function url(...schemes: readonly string[]) {
  const shown = schemes.map((scheme) => `${scheme}://`).join(" or ");
  return z
    .string()
    .refine((text) => hasScheme(text, schemes), { error: `must be a URL starting with ${shown}` });
}

export const WEB_URL = url("https", "http");

function hasScheme(text: string, schemes: readonly string[]): boolean {
  const parsed = URL.parse(text);
  return parsed !== null && parsed.host !== "" && schemes.includes(parsed.protocol.slice(0, -1));
}

/** A variable that may be missing; then it is `null`. */
export function optional<Schema extends z.ZodType>(schema: Schema) {
  return schema.optional().transform((value): z.output<Schema> | null => value ?? null);
}
