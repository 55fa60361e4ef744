import type { Json } from "@call-ledger/domain";
import { isList, isUuid, mapElements, mapFields } from "@call-ledger/domain";
import { decodedText } from "./encoded-text.ts";
import type { JsonObject } from "./json-body.ts";
import { parseJson } from "./json-body.ts";
import type { Removal, RemovalUnder } from "./secret-names.ts";
import { strongerRemoval } from "./secret-names.ts";
import { withoutQueries, withoutSignedQueries } from "./signed-urls.ts";
import type { TextField } from "./text-fields.ts";
import { withoutFields } from "./text-fields.ts";

/** The text that replaces a secret. */
export const REMOVED = "[removed]";

/** Credentials that are recognised by their form, in any place. */
const CREDENTIAL = new RegExp(
  [
    "\\bBearer\\s+(?=\\S*\\d)[\\w.~+/=-]{8,}",
    '(?<=^"?)Basic\\s+[\\w+/]{12,}={0,2}(?="?$)',
    "(?<![\\w-])eyJ[\\w-]{8,}\\.[\\w-]{8,}\\.[\\w-]*",
    "\\b[srp]k[-_](?:live|test|proj|ant)[-_][\\w-]{8,}",
    "\\bsk[-_](?:[a-z0-9]{2,6}[-_]){0,2}[A-Za-z0-9]{20,}",
    // Not `pipeline-error-xai-401-unauthorized`.
    "(?<![\\w-])(?:gsk|xai|hf|shpat|npm|ntn|pplx|secret|cal(?:_live)?)[-_](?=[A-Za-z]*\\d)[A-Za-z0-9]{16,}",
    "(?<![\\w-])(?:whsec|glpat|github_pat|sb_secret|pat-[a-z]{2}\\d)[-_](?=[\\w+/-]*\\d)[\\w+/-]{16,}",
    "(?<![\\w-])pit-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "(?<![\\w-])pat[A-Za-z0-9]{14}\\.[A-Za-z0-9]{32,}",
    "(?<![\\w-])(?:pcsk|re|r8|dop_v1|lin_api)_(?=[A-Za-z]*\\d)\\w{20,}",
    "(?<![\\w-])key-[0-9a-f]{32}(?![\\w-])",
    "(?<![\\w-])\\d{8,10}:AA[\\w-]{30,}",
    "(?<![\\w+/-])EAA[A-Za-z](?=[A-Za-z]*\\d)[A-Za-z0-9]{40,}",
    "(?<![\\w-])AC[0-9a-f]{32}:[0-9a-f]{32}",
    "(?<![\\w.-])ya29\\.[\\w-]{20,}",
    "\\bAIza[\\w-]{35}",
    "\\bSG\\.[\\w-]{16,64}\\.[\\w-]{16,}",
    "\\bxox[abeprs]-[\\w-]{10,}",
    "\\bgh[pousr]_\\w{20,}",
    "\\bA[KS]IA[0-9A-Z]{16}\\b",
    "-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?",
  ].join("|"),
  "g",
);

/** The length of the shortest credential that the expression recognizes: `Bearer`, a blank and 8 characters. */
const MIN_CREDENTIAL_LENGTH = 15;

/** A digest in the text of an HTTP or SIP request, such as the request that began a call. */
const DIGEST = /\b((?:proxy-)?authorization[ \t]{0,8}:[ \t]{0,8}digest)[ \t][^\r\n]*/gi;
/** A password in a connection string, and in a command of curl. */
const PASSWORD_FIELD = /(;[ \t]{0,4}(?:password|pwd)[ \t]{0,4}=)[^;"'\r\n]{1,200}/gi;
const CURL_PASSWORD = /(\bcurl\s[^\r\n]{0,200}?(?:-u|--user)[ =]?["']?[^\s:"']{1,100}:)[^\s"']{1,200}/g;
const SIP_PASSWORD = /\b(sips?:[^\s:@;<>"]{1,100}):[^\s@;<>"]{1,200}@/gi;

const TOKEN_LIKE = /^[\w.~+/=-]+$/;

/** Fields that name the content of a value beside them: headers and variables as lists of pairs. */
export const PAIR_NAMES = ["name", "key", "header", "field", "label", "variable", "k", "id", "type"];
export const PAIR_VALUES: ReadonlySet<string> = new Set(["value", "val", "answer", "v", "default"]);
/** Values of pairs only if nothing else is there: the content of a tool's answer has the tool's name beside it. */
const BARE_PAIR_VALUES: ReadonlySet<string> = new Set(["content", "text", "data"]);
/** The user of a login, beside whose name `pass` is a password. */
const LOGIN_NAMES = ["user", "username", "login", "host"];

/**
 * Returns the value without the parts that must not be stored: everything under a secret's name at any depth, the query
 * of every signed URL, and credentials that are recognised by their form. A text that is JSON is searched too. The
 * structure stays, so that a reader sees that something was there. Values without a secret are not copied.
 */
export function withoutSecrets(value: Json, removalUnder: RemovalUnder, removal: Removal = "nothing"): Json {
  if (typeof value === "string") return textWithout(value, removalUnder, removal);
  if (typeof value === "number") return removal === "all" ? REMOVED : value;
  if (value === null || typeof value !== "object") return value;
  if (isList(value)) return mapElements(value, (inner) => elementWithout(inner, removalUnder, removal));
  const ofPair = pairRemoval(value, removalUnder);
  return mapFields(value, (inner, name) => {
    const isPaired = ofPair !== "nothing" && (isPairValue(name, value) || name === "pass");
    const own = isPaired ? strongerRemoval(ofPair, removalUnder(name)) : removalUnder(name);
    return withoutSecrets(inner, removalUnder, strongerRemoval(removal, own));
  });
}

/** Headers may also come as a list of pairs `[name, value]`. */
function elementWithout(element: Json, removalUnder: RemovalUnder, removal: Removal): Json {
  const [name, value = null] = isTuple(element) ? element : [];
  const own = typeof name === "string" ? removalUnder(name) : "nothing";
  if (own === "nothing" || removal !== "nothing") return withoutSecrets(element, removalUnder, removal);
  return [name ?? null, withoutSecrets(value, removalUnder, own)];
}

function isTuple(element: Json): element is readonly Json[] {
  return element !== null && typeof element === "object" && isList(element) && element.length === 2;
}

function isPairValue(name: string, pair: JsonObject): boolean {
  return PAIR_VALUES.has(name) || (BARE_PAIR_VALUES.has(name) && Object.keys(pair).length === 2);
}

function hasAny(object: JsonObject, names: ReadonlySet<string>): boolean {
  for (const name of names) if (object[name] !== undefined) return true;
  return false;
}

function pairRemoval(pair: JsonObject, removalUnder: RemovalUnder): Removal {
  if (pair.pass !== undefined && LOGIN_NAMES.some((name) => typeof pair[name] === "string")) return "texts";
  if (!hasAny(pair, PAIR_VALUES) && !(hasAny(pair, BARE_PAIR_VALUES) && Object.keys(pair).length === 2))
    return "nothing";
  return PAIR_NAMES.reduce<Removal>((found, field) => {
    const name = pair[field];
    return typeof name === "string" ? strongerRemoval(found, removalUnder(name)) : found;
  }, "nothing");
}

/** A text may be encoded several times. */
const MAX_ENCODINGS = 3;

function textWithout(text: string, removalUnder: RemovalUnder, removal: Removal, encodings = 0): string {
  if (removal === "queries") return withoutQueries(text);
  if (isRemovedText(text, removal)) return REMOVED;
  if (isUuid(text)) return text;
  const inner = parseJson(text);
  const cleaned = inner === null ? null : withoutSecrets(inner, removalUnder);
  if (cleaned !== inner) return JSON.stringify(cleaned);
  const decoded = encodings < MAX_ENCODINGS ? decodedText(text) : null;
  const open = decoded === null ? null : textWithout(decoded, removalUnder, "nothing", encodings + 1);
  return open === decoded || open === null ? withoutTextSecrets(text, removalUnder) : open;
}

/** Returns whether a text is removed under a name. */
export function isRemovedText(text: string, removal: Removal): boolean {
  return removal === "texts" || removal === "all" || (removal === "keys" && isKey(text));
}

/** Returns whether a text has the form of a key: a long word with letters and digits, and no path, UUID or file. */
function isKey(text: string): boolean {
  if (text.length < 20 || !/^[\w~+/=-]+$/.test(text)) return false;
  return text
    .split(/[-_/]/)
    .some((piece) => piece.length >= 16 && /[a-z]/i.test(piece) && /\d.*\d/.test(piece));
}

/**
 * Returns an utterance or the answer of a tool, without parts that look like a secret by their form or by the name
 * before them.
 */
export function withoutTextSecrets(text: string, removalUnder: RemovalUnder): string {
  const isNamed = text.includes(":") || text.includes("=") || text.includes(">");
  return withoutCredentials(isNamed ? withoutFields(text, REMOVED, removalUnder, looksSecret) : text);
}

/**
 * A text such as "my password: I forgot it" contains no secret. Only a long word with digits counts, because people do
 * not read or speak such words. "Authorization" is also an insurer's word, so it counts only with a scheme of HTTP.
 */
function looksSecret({ name, removal, value, hasScheme }: TextField): boolean {
  if (removal === "keys") return isKey(value);
  if (hasScheme) return value.length >= 8 && TOKEN_LIKE.test(value);
  if (value.length < 12 || !/\d/.test(value) || !TOKEN_LIKE.test(value)) return false;
  return removal === "all" ? !/authorization$/i.test(name) : /[a-z]/i.test(value);
}

/** Returns a text without the signatures and credentials that are recognised by their form. */
export function withoutCredentials(text: string): string {
  const unsigned = withoutSignedQueries(text);
  const hasAddress = unsigned.includes("@");
  if (unsigned.length < MIN_CREDENTIAL_LENGTH && !hasAddress) return unsigned;
  const undigested = unsigned.includes(":")
    ? unsigned.replace(DIGEST, `$1 ${REMOVED}`).replace(CURL_PASSWORD, `$1${REMOVED}`)
    : unsigned;
  const open = hasAddress ? undigested.replace(SIP_PASSWORD, `$1:${REMOVED}@`) : undigested;
  return (open.includes(";") ? open.replace(PASSWORD_FIELD, `$1${REMOVED}`) : open).replace(
    CREDENTIAL,
    REMOVED,
  );
}
