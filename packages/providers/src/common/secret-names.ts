/** From weak to strong. */
export const REMOVALS = ["nothing", "queries", "keys", "texts", "all"] as const;

/**
 * The part of a value that is removed under a name: nothing, the queries of its URLs, its texts that have the form of a
 * key, its texts, or its texts and numbers. Booleans and `null` are never secret.
 */
export type Removal = (typeof REMOVALS)[number];

/** Returns what has to be removed under a field of this name, judged by the name only. */
export type RemovalUnder = (name: string) => Removal;

/** Secret names of any provider, in any case, anywhere in a name. */
const SECRETS = [
  "secret(?!ar)",
  "passw",
  "passphrase",
  "passcode",
  "(?:^|[-_])pwd?$",
  "(?:user|admin|login|db|smtp|sip)[-_]?pass$",
  "credential(?!_?ids?$)",
  "(?:^|[-_])creds$",
  "(?:api|access|private|subscription|openai|gcp|encryption|signing|auth)[-_]?key",
  "authorization",
  "cookie",
  "jwt",
  "^bearer",
  "contrase[nñ]a",
  "kennwort",
  "mot[-_]?de[-_]?passe",
  "wachtwoord",
  "(?:^|[-_])(?:senha|psk|pswd)$",
  "парол",
  "密码|密碼|パスワード|비밀번호",
];

// Fields with names like promptTokens are counts, so only texts are removed.
const TEXTS = /token(?!iz)|(?:^|[-_]|basic|bearer|o)auth$|^(?!sip[-_]?)\w*headers$/i;

/** A separate word at the end of a name: `deepgramKey`, `service_key`, but not `monkey`. */
const KEYS = /(?:[a-z0-9]Key|[-_]K(?:ey|EY)|[-_]key)s?$/;
/**
 * Names a filter, a parameter, a stored file or a secret, or a person's signature, or a service whose keys have no form
 * of their own. The form of the value tells which.
 */
const ANY_KEY =
  /^(?:keys?|sig|signature|sas|hmac|deepgram|assembly[-_]?ai|openai|anthropic|eleven[-_]?labs|11labs|cartesia|play[-_]?ht|azure|groq|hubspot)$/i;
const OPEN_KEYS = /(?:public|idempotency|primary|foreign|external|partition|sort|cache|pressed)[-_]?keys?$/i;

/** Providers use a few hundred names. Names that a sender invents must not fill the memory. */
const MAX_JUDGED = 2_000;
const MAX_JUDGED_LENGTH = 60;

/** A provider's own names, as regular expressions: names of secrets, and names of URLs whose query is always secret. */
export type OwnNames = { readonly secrets: readonly string[]; readonly signedUrls: readonly string[] };

/** Judges names by the secret names of all providers and by a provider's `own` names. */
export function judgeNames(own: OwnNames): RemovalUnder {
  const all = new RegExp([...SECRETS, ...own.secrets].join("|"), "i");
  // Without names it matches nothing.
  const queries = new RegExp(own.signedUrls.join("|") || "(?!)", "i");
  return (given) => {
    const name = given.trim().replaceAll(/\s+/g, "_");
    if (all.test(name)) return "all";
    if (TEXTS.test(name) || (KEYS.test(name) && !OPEN_KEYS.test(name))) return "texts";
    if (ANY_KEY.test(name)) return "keys";
    return queries.test(name) ? "queries" : "nothing";
  };
}

/** Returns the same judge with a memory of its verdicts. */
export function remembering<Verdict>(judge: (name: string) => Verdict): (name: string) => Verdict {
  const judged = new Map<string, Verdict>();
  return (name) => {
    const known = judged.get(name);
    if (known !== undefined) return known;
    const removal = judge(name);
    if (judged.size < MAX_JUDGED && name.length <= MAX_JUDGED_LENGTH) judged.set(name, removal);
    return removal;
  };
}

/** Returns the stronger of two removals, because everything inside a secret is secret too. */
export function strongerRemoval(a: Removal, b: Removal): Removal {
  if (b === "nothing") return a;
  return REMOVALS.indexOf(a) >= REMOVALS.indexOf(b) ? a : b;
}
