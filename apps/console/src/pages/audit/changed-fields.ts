import type { AuditEntry } from "@call-ledger/contract/people";

type Value = AuditEntry["before"];

type ChangedField = {
  readonly name: string;
  /** As text; `null`: the field was not there, or was empty. */
  readonly before: string | null;
  readonly after: string | null;
  readonly isChanged: boolean;
};

/** The fields of what was changed, as they were and as they are; of what is no object, one field. */
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

/** `Array.isArray` says nothing of lists that are read only. */
function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function textOf(value: Value | undefined): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return value;
  if (isList(value) && value.every((one) => typeof one === "string")) return value.join(", ");
  return JSON.stringify(value);
}
