import type { Random } from "../random.ts";
import { AGENT_PHRASES } from "./agent.phrases.ts";
import { CALLER_PHRASES } from "./caller.phrases.ts";
import { WORDS } from "./words.ts";

const PHRASES: Readonly<Record<string, readonly string[]>> = {
  ...WORDS,
  ...CALLER_PHRASES,
  ...AGENT_PHRASES,
};
const SLOT = /\{([a-z_]+)\}/g;
const DIGITS = "0123456789";
const CODE = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const MONTHS = "January February March April May June July August September October November December".split(
  " ",
);

/** Values that are generated instead of picked. */
const MADE: Readonly<Record<string, (random: Random) => string>> = {
  number: (random) => String(random.int(2, 98)),
  house: (random) => String(random.int(1, 9899)),
  digits: (random) => random.text(random.int(4, 9), DIGITS),
  postcode: (random) => random.text(5, DIGITS),
  code: (random) => `${random.text(2, CODE)}-${random.text(5, CODE)}`,
  money: (random) => `${random.int(19, 940)} dollars and ${random.int(5, 95)} cents`,
  phone: (random) => `${random.int(201, 989)} 555 01${random.text(2, DIGITS)}`,
  date: (random) => `${random.pick(MONTHS)} ${random.int(1, 28)}`,
  year: (random) => String(random.int(1938, 2025)),
  time: (random) => `${random.int(7, 19)}:${random.pick(["00", "10", "15", "20", "30", "40", "45", "50"])}`,
};

/**
 * Returns a text of the named kind, such as `first_name`, with every `{slot}` filled. Throws a RangeError for an
 * unknown kind.
 */
export function phrase(kind: string, random: Random): string {
  const made = MADE[kind];
  return made === undefined ? filled(random.pick(PHRASES[kind] ?? []), random) : made(random);
}

/** Like {@link phrase}, for speech: every sentence begins with a capital. */
export function utterance(kind: string, random: Random): string {
  return withCapitals(phrase(kind, random));
}

/** Returns different rules for an agent: `count` of them, or all if there are fewer. */
export function rules(count: number, random: Random): readonly string[] {
  const chosen = random.shuffled(AGENT_PHRASES.rule).slice(0, count);
  return chosen.map((rule) => withCapitals(filled(rule, random)));
}

function filled(template: string, random: Random): string {
  return template.replace(SLOT, (_, slot: string) => phrase(slot, random));
}

function withCapitals(text: string): string {
  return text.replace(
    /(^|[.?!] )([a-z])/g,
    (_, before: string, letter: string) => before + letter.toUpperCase(),
  );
}
