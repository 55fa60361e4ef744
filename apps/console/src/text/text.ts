import en from "./en.json" with { type: "json" };

type Node = { readonly [name: string]: string | Node };
type KeyOf<N> = {
  [Name in keyof N & string]: N[Name] extends string ? Name : `${Name}.${KeyOf<N[Name]>}`;
}[keyof N & string];
/** The key of a text in `en.json`, such as `calls.title`. */
export type TextKey = KeyOf<typeof en>;
type CountedKey = TextKey extends infer Key ? (Key extends `${infer Base}.one` ? Base : never) : never;
type Values = Readonly<Record<string, string | number>>;

const texts = new Map<string, string>();
collect(en, "");
const plurals = new Intl.PluralRules("en");
const numbers = new Intl.NumberFormat("en");

/** Returns the text, with `{name}` replaced by the value of that name. */
export function t(key: TextKey, values: Values = {}): string {
  return filled(texts.get(key) ?? key, values);
}

/** Returns the form of a text for a count: `key.one` or `key.other`. `{count}` is replaced by the formatted number. */
export function counted(key: CountedKey, count: number, values: Values = {}): string {
  const form = `${key}.${plurals.select(count)}`;
  const text = texts.get(form) ?? texts.get(`${key}.other`) ?? key;
  return filled(text, { ...values, count: numbers.format(count) });
}

/** The word for a value of the API, such as an outcome; a value without a word is shown unchanged. */
export function word(group: keyof typeof en.words, value: string): string {
  return texts.get(`words.${group}.${value}`) ?? value.replaceAll("_", " ");
}

function filled(text: string, values: Values): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

function collect(node: Node, prefix: string): void {
  for (const [name, value] of Object.entries(node)) {
    if (typeof value === "string") texts.set(prefix + name, value);
    else collect(value, `${prefix}${name}.`);
  }
}
