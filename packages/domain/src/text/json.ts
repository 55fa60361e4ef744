/** A JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

/** Returns whether a JSON value is a list. */
export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** Returns an object without the fields that are null. */
export function withoutNulls(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, field]) => field !== null));
}

/** Returns a list of the mapped elements; the same list if no element changes. */
export function mapElements(list: readonly Json[], map: (element: Json) => Json): readonly Json[] {
  let copy: Json[] | null = null;
  let place = 0;
  for (const element of list) {
    const mapped = map(element);
    if (mapped !== element) {
      copy ??= [...list];
      copy[place] = mapped;
    }
    place += 1;
  }
  return copy ?? list;
}

/** Returns an object with the mapped fields; the same object if no field changes. */
export function mapFields(object: JsonObject, map: (field: Json, key: string) => Json): JsonObject {
  let copy: { [key: string]: Json } | null = null;
  for (const key of Object.keys(object)) {
    const field = object[key];
    if (field === undefined) continue;
    const mapped = map(field, key);
    if (mapped !== field) {
      copy ??= { ...object };
      setField(copy, key, mapped);
    }
  }
  return copy ?? object;
}

/** Sets a field of an object under construction. `__proto__` becomes a normal field. */
export function setField(object: { [key: string]: Json }, key: string, field: Json): void {
  if (key !== "__proto__") object[key] = field;
  else
    Object.defineProperty(object, key, {
      value: field,
      configurable: true,
      enumerable: true,
      writable: true,
    });
}
