/** What is removed under a name: nothing, its texts, or its texts and numbers. Booleans and `null` say no secret. */
export type Removal = "nothing" | "texts" | "all";

const ALL = new RegExp(
  [
    "secret(?!ar)",
    "passw",
    "passphrase",
    "credential(?!_?ids?$)",
    "(?:api|access|private|subscription|openai|gcp|encryption|signing|auth)[-_]?key",
    "authorization",
    "cookie",
    "jwt",
    "^bearer",
    // Vapi's copy of the number's Twilio account, and the live control of a running call.
    "^twilio(?:AccountSid|AuthToken|ApiKey|ApiSecret)$",
    "^(?:control|listen)Url$",
    "^presigned\\w*Urls?$",
  ].join("|"),
  "i",
);

// Names like promptTokens count, so only texts go.
const TEXTS = /token(?!iz)|^headers$/i;

/** Providers use a few hundred names; what senders make up must not fill the memory. */
const MOST_JUDGED = 2_000;
const LONGEST_JUDGED = 60;
const judged = new Map<string, Removal>();

/** What has to be removed under a field of this name, judged by the name alone. */
export function removalUnder(name: string): Removal {
  const known = judged.get(name);
  if (known !== undefined) return known;
  const removal = judgeName(name);
  if (judged.size < MOST_JUDGED && name.length <= LONGEST_JUDGED) judged.set(name, removal);
  return removal;
}

export function judgeName(name: string): Removal {
  if (ALL.test(name)) return "all";
  return TEXTS.test(name) ? "texts" : "nothing";
}

/** The stronger of two removals: what is inside a secret is one too. */
export function strongerRemoval(a: Removal, b: Removal): Removal {
  if (a === "all" || b === "all") return "all";
  return a === "texts" || b === "texts" ? "texts" : "nothing";
}
