import type { Json } from "./json.ts";
import { isList, mapElements, mapFields, setField } from "./json.ts";

/** Returns JSON text in which object keys are sorted, so that equal values have equal texts. */
export function canonicalJson(value: Json): string {
  return JSON.stringify(withSortedKeys(value));
}

/** Copies only objects whose keys are not sorted, and values that contain such objects. */
function withSortedKeys(value: Json): Json {
  if (value === null || typeof value !== "object") return value;
  if (isList(value)) return mapElements(value, withSortedKeys);
  const keys = Object.keys(value);
  if (areSorted(keys)) return mapFields(value, withSortedKeys);
  const sorted: { [key: string]: Json } = {};
  for (const key of keys.sort()) {
    const field = value[key];
    if (field !== undefined) setField(sorted, key, withSortedKeys(field));
  }
  return sorted;
}

function areSorted(keys: readonly string[]): boolean {
  let last = "";
  for (const key of keys) {
    if (key < last) return false;
    last = key;
  }
  return true;
}
