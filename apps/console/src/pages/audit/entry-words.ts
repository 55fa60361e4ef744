import type { AuditEntry } from "@call-ledger/contract/people";
import { phoneNumber } from "../../format/numbers.ts";
import { word } from "../../text/text.ts";

/** The author of a change in words, such as `API key CRM`. */
export function actorWords({ kind, name }: AuditEntry["actor"]): string {
  if (name === null) return word("actor", kind);
  return kind === "key" ? `${word("actor", kind)} ${name}` : name;
}

/**
 * The name of the changed object; `null`: the entry has none. An object that is gone has the name in its last values.
 */
export function objectName({ object: { kind, name }, before, after }: AuditEntry): string | null {
  if (kind === "alarm") {
    const condition = textIn(after, "condition") ?? textIn(before, "condition");
    return condition === null ? null : word("alarm", condition);
  }
  const said = [after, before].flatMap((value) =>
    ["name", "email", "provider_agent_id"].flatMap((field) => textIn(value, field) ?? []),
  );
  const known = name ?? said[0] ?? null;
  return known === null || kind !== "call" ? known : phoneNumber(known);
}

function textIn(value: AuditEntry["before"], field: string): string | null {
  if (typeof value !== "object" || value === null) return null;
  const found: unknown = Reflect.get(value, field);
  return typeof found === "string" ? found : null;
}

/** Whether a value of an entry is a time as the API writes it. */
export function isInstant(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(text);
}
