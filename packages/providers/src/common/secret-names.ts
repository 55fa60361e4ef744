/** From weak to strong. */
export const REMOVALS = ["nothing", "queries", "texts", "all"] as const;

/**
 * What is removed under a name: nothing, the queries of its URLs, its texts, or its texts and numbers. Booleans and `null`
 * say no secret.
 */
export type Removal = (typeof REMOVALS)[number];

/** What has to be removed under a field of this name, judged by the name alone. */
export type RemovalUnder = (name: string) => Removal;

/** Of any provider; in any case, anywhere in a name. */
const SECRETS = [
  "secret(?!ar)",
  "passw",
  "passphrase",
  "passcode",
  "(?:^|[-_])pwd$",
  "credential(?!_?ids?$)",
  "(?:api|access|private|subscription|openai|gcp|encryption|signing|auth)[-_]?key",
  "authorization",
  "cookie",
  "jwt",
  "^bearer",
];

// Names like promptTokens count, so only texts go.
const TEXTS = /token(?!iz)|(?:^|[-_])auth$|^(?!sip[-_]?)\w*headers$/i;

/** A word of its own at the end of a name: `deepgramKey`, `service_key`, not `monkey`. */
const KEYS = /(?:[a-z0-9]Key|[-_]K(?:ey|EY)|[-_]key)s?$/;
const OPEN_KEYS = /(?:public|idempotency|primary|foreign|external|partition|sort|cache|pressed)[-_]?keys?$/i;

/** Providers use a few hundred names; what senders make up must not fill the memory. */
const MAX_JUDGED = 2_000;
const MAX_JUDGED_LENGTH = 60;

/** A provider's own names, as regular expressions: of secrets, and of URLs whose query is one whatever stands in it. */
export type OwnNames = { readonly secrets: readonly string[]; readonly signedUrls: readonly string[] };

/** Judges names by what is a secret's at any provider and by a provider's `own` names. */
export function judgeNames(own: OwnNames): RemovalUnder {
  const all = new RegExp([...SECRETS, ...own.secrets].join("|"), "i");
  // Without names it matches nothing.
  const queries = new RegExp(own.signedUrls.join("|") || "(?!)", "i");
  return (name) => {
    if (all.test(name)) return "all";
    if (TEXTS.test(name) || (KEYS.test(name) && !OPEN_KEYS.test(name))) return "texts";
    return queries.test(name) ? "queries" : "nothing";
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
  return REMOVALS.indexOf(a) >= REMOVALS.indexOf(b) ? a : b;
}
