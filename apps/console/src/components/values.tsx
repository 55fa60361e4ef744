import { JsonText } from "./json-text.tsx";
import { Facts } from "./page.tsx";

const MAX_FIELDS = 40;

/**
 * A document in the provider's own words: its fields as names and values, and a part that is no short value as JSON.
 */
export function Values({ value }: { value: unknown }) {
  const text = shortText(value);
  if (text !== null) return text;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return <JsonText value={value} />;
  const fields = Object.entries(value).filter(([, field]) => field !== null && field !== "");
  if (fields.length > MAX_FIELDS) return <JsonText value={value} />;
  return <Facts facts={fields.map(([name, field]) => [name, <Values key={name} value={field} />])} />;
}

/** A value that fits into a line, or a list of such values; else `null`. */
function shortText(value: unknown): string | null {
  if (Array.isArray(value)) {
    const parts = value.map(shortText);
    return parts.includes(null) ? null : parts.join(", ");
  }
  if (typeof value === "object" && value !== null) return null;
  return String(value ?? "–");
}
