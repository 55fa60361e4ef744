/** A value as JSON carries it. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

/** Whether a value out of parsed JSON is a list. */
export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** The fields of an object that are not null. */
export function saidOf(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, field]) => field !== null));
}

/** A list with every element replaced by what it maps to; the list itself where each maps to itself. */
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

/** An object with every field replaced by what it maps to; the object itself where each maps to itself. */
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

/** Sets a field of an object under construction; `__proto__` is a field like any other. */
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
