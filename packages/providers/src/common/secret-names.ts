/** What is removed under a name: nothing, its texts, or its texts and numbers. Booleans and `null` say no secret. */
export type Removal = "nothing" | "texts" | "all";

/** What has to be removed under a field of this name, judged by the name alone. */
export type RemovalUnder = (name: string) => Removal;

/** Of any provider; in any case, anywhere in a name. */
const SECRETS = [
  "secret(?!ar)",
  "passw",
  "passphrase",
  "credential(?!_?ids?$)",
  "(?:api|access|private|subscription|openai|gcp|encryption|signing|auth)[-_]?key",
  "authorization",
  "cookie",
  "jwt",
  "^bearer",
];

// Names like promptTokens count, so only texts go.
const TEXTS = /token(?!iz)|^headers$/i;

/** Providers use a few hundred names; what senders make up must not fill the memory. */
const MAX_JUDGED = 2_000;
const MAX_JUDGED_LENGTH = 60;

/** Judges names by what is a secret's at any provider and by a provider's `own` names, as regular expressions. */
export function judgeNames(own: readonly string[]): RemovalUnder {
  const all = new RegExp([...SECRETS, ...own].join("|"), "i");
  return (name) => {
    if (all.test(name)) return "all";
    return TEXTS.test(name) ? "texts" : "nothing";
  };
}

/** The same judge, which remembers its verdicts. */
export function remembering(judge: RemovalUnder): RemovalUnder {
  const judged = new Map<string, Removal>();
  return (name) => {
    const known = judged.get(name);
    if (known !== undefined) return known;
    const removal = judge(name);
    if (judged.size < MAX_JUDGED && name.length <= MAX_JUDGED_LENGTH) judged.set(name, removal);
    return removal;
  };
}

/** The stronger of two removals: what is inside a secret is one too. */
export function strongerRemoval(a: Removal, b: Removal): Removal {
  if (a === "all" || b === "all") return "all";
  return a === "texts" || b === "texts" ? "texts" : "nothing";
}
