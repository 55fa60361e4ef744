import type { z } from "zod";

type Issue = z.core.$ZodRawIssue;

const TYPES: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
};

const FORMATS: Readonly<Record<string, string>> = {
  uuid: "an id (UUID)",
  date: "a day such as 2026-03-04",
  datetime: "a time in UTC such as 2026-03-04T09:15:02Z",
  email: "an e-mail address",
  url: "a URL",
};

/**
 * Says what is wrong with a value, as the rest of a sentence that begins with its field; `undefined`: the validator's
 * own words are used. A schema's own words come before these.
 */
export function faultWords(issue: Issue): string | undefined {
  switch (issue.code) {
    case "invalid_value":
      return `is not one of ${issue.values.map(String).join(", ")}`;
    case "invalid_type":
      if (issue.input === undefined) return "is missing";
      return aboutType(issue.expected);
    case "invalid_format":
      return FORMATS[issue.format] === undefined ? undefined : `is not ${FORMATS[issue.format]}`;
    case "too_small":
      return aboutSize(issue.origin, "at least", issue.minimum);
    case "too_big":
      return aboutSize(issue.origin, "at most", issue.maximum);
    default:
      return undefined;
  }
}

function aboutType(expected: string): string | undefined {
  const type = TYPES[expected];
  return type === undefined ? undefined : `is not ${type}`;
}

function aboutSize(origin: string, bound: string, limit: number | bigint): string | undefined {
  switch (origin) {
    case "number":
    case "int":
      return `has to be ${bound} ${limit}`;
    case "string":
      return `has to have ${bound} ${limit} ${Number(limit) === 1 ? "character" : "characters"}`;
    case "array":
      return `has to have ${bound} ${limit} ${Number(limit) === 1 ? "value" : "values"}`;
    default:
      return undefined;
  }
}
