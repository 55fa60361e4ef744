import type { AuditEntry } from "@call-ledger/contract/people";

type Value = AuditEntry["before"];

type ChangedField = {
  readonly name: string;
  /** The value as text; `null`: the field did not exist, or was empty. */
  readonly before: string | null;
  readonly after: string | null;
  readonly isChanged: boolean;
};

/** The fields of a changed object, before and after the change. A value that is not an object gives one field. */
export function changedFields(before: Value, after: Value): readonly ChangedField[] {
  const [was, is] = [fieldsOf(before), fieldsOf(after)];
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].map((name) => {
    const [one, other] = [textOf(was[name]), textOf(is[name])];
    return { name, before: one, after: other, isChanged: one !== other };
  });
}

function fieldsOf(value: Value): Readonly<Record<string, Value>> {
  if (value === null) return {};
  return typeof value === "object" && !isList(value) ? value : { value };
}

/** Whether a value is a list. The type of `Array.isArray` does not cover read-only lists. */
function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function textOf(value: Value | undefined): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return value;
  if (isList(value) && value.every((one) => typeof one === "string")) return value.join(", ");
  return JSON.stringify(value);
}
