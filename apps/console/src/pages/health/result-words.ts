import { byteSize, count } from "../../format/numbers.ts";
import { word } from "../../text/text.ts";

/**
 * The result of a housekeeping job in words. A count of zero is left out, and so is the setting of
 * a job that did nothing; `alert` is the job's warning.
 */
export function resultWords(result: unknown): {
  facts: readonly { readonly name: string; readonly text: string }[];
  alert: string | null;
} {
  const { alert = null, ...facts }: Record<string, unknown> = { ...Object(result) };
  const said = Object.entries(facts).filter(([, value]) => value !== 0 && value !== null);
  const isIdle = said.every(([name]) => name === "kept_days");
  return {
    facts: (isIdle ? [] : said).map(([name, value]) => {
      const text = word("jobResult", name);
      const isWhole = text.includes("{value}");
      return {
        name,
        text: isWhole ? text.replace("{value}", shown(name, value)) : `${text} ${shown(name, value)}`,
      };
    }),
    alert: alert === null ? null : String(alert),
  };
}

function shown(name: string, value: unknown): string {
  if (typeof value !== "number") return String(value);
  return name.endsWith("_bytes") ? byteSize(value) : count(value);
}
