import type { Removal, RemovalUnder } from "./secret-names.ts";

/** Looks for the separator first and for the name before it then, because a text has few separators. */
const FIELD =
  /(?:[=:]>?|>)(?<=(?<![\w-])([A-Za-z_][\w-]{0,99})(?:\\*['"])?[ \t]*(?:[=:]>?|>))[ \t]*(?:\\*['"])?(?:(bearer|basic)[ \t]+)?/gi;
const FIELD_VALUE = /[^\s&;,'"\\<]*/y;

/** `name=value` in a text: what is removed under the name, and whether a scheme of HTTP is before the value. */
export type TextField = {
  readonly name: string;
  readonly removal: Removal;
  readonly value: string;
  readonly hasScheme: boolean;
};

/**
 * Returns a text in which the values of `name=value`, `name: value` and `<name>value` for which `isSecret` returns true
 * are replaced by `removed`. It handles forms, headers, XML, JSON inside of other text, and literals of other
 * languages. Linear in the length of the text.
 */
export function withoutFields(
  text: string,
  removed: string,
  removalUnder: RemovalUnder,
  isSecret: (field: TextField) => boolean,
): string {
  let out = "";
  let kept = 0;
  for (const field of text.matchAll(FIELD)) {
    const name = field[1] ?? "";
    const removal = removalUnder(name);
    if (removal === "nothing" || text.lastIndexOf(name, field.index) < kept) continue;
    const at = field.index + field[0].length;
    FIELD_VALUE.lastIndex = at;
    const value = FIELD_VALUE.exec(text)?.[0] ?? "";
    if (!isSecret({ name, removal, value, hasScheme: field[2] !== undefined })) continue;
    out += text.slice(kept, at) + removed;
    kept = at + value.length;
  }
  return kept === 0 ? text : out + text.slice(kept);
}
