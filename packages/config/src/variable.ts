import { z } from "zod";

const LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
/** A host name, or `*.` before a name of two or more labels, which means every host below that name. */
export const HOST_RULE = new RegExp(
  `^(?=.{1,253}$)(?:(?:${LABEL}\\.)*|\\*\\.(?:${LABEL}\\.)+)${LABEL}$`,
  "i",
);
export const HOST_AND_PORT = /^[a-z0-9.-]+:\d{1,5}$/i;

/** The description of a variable, for `.env.example` and for the problems of its value. */
export type About = {
  readonly group: string;
  /** The purpose of the variable, with units, in one or two sentences. */
  readonly about: string;
  /** The value is never printed. */
  readonly secret?: true;
  /** Whether the variable has to be set if NODE_ENV is production. */
  readonly requiredInProduction?: true;
  /** The min length of each of its secrets if NODE_ENV is production. */
  readonly minLengthInProduction?: number;
};

/** The sender of a delivery could guess a shorter secret. */
export const MIN_WEBHOOK_SECRET_LENGTH = 16;

/** The description of each variable's schema. */
export const ABOUT = z.registry<About>();

/** Returns a function that describes the variables of one group of `.env.example`. */
export function variablesOf(group: string) {
  return <Schema extends z.ZodType>(
    about: string,
    schema: Schema,
    traits: Omit<About, "group" | "about"> = {},
  ): Schema => {
    ABOUT.add(schema, { group, about, ...traits });
    return schema;
  };
}

/** Returns the schema of a whole number within bounds, both included. */
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

/** Returns the schema of one or more words, separated by commas and trimmed. */
export function listOf(word: RegExp, what: string, preset: string) {
  return z
    .string()
    .prefault(preset)
    .transform((text) => splitAtCommas(text))
    .refine((words) => words.length > 0 && words.every((one) => word.test(one)), {
      error: `must be ${what}, separated by commas`,
    });
}

/** Returns the schema of any number of words, separated by commas and trimmed. There may be none. */
export function anyOf(word: RegExp, what: string) {
  return z
    .string()
    .transform(splitAtCommas)
    .pipe(z.array(z.string().regex(word, `must be ${what}, separated by commas`)))
    .prefault("");
}

/** Returns the schema of the secrets of an account's deliveries: none, one, or during a rotation two. */
export function webhookSecrets() {
  return z
    .string()
    .prefault("")
    .refine((text) => text === "" || splitAtCommas(text).length > 0, { error: "holds no secret" })
    .transform(splitAtCommas)
    .refine((secrets) => secrets.length <= 2, { error: "holds more than two secrets" });
}

function splitAtCommas(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** Returns the schema of an absolute URL with one of the schemes. The value is kept as it was written. */
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

/** Returns the schema of a variable that may be missing, which gives `null`. */
export function optional<Schema extends z.ZodType>(schema: Schema) {
  return schema.optional().transform((value): z.output<Schema> | null => value ?? null);
}
