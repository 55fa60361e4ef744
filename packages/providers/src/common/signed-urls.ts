import { isUuid } from "@call-ledger/domain";
import { percentDecoded } from "./encoded-text.ts";
import { judgeNames } from "./secret-names.ts";

const URL_IN_TEXT = /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>\\]+/gi;
const USER = /^([^:]+:\/\/)[^/?#@]*@/;
const QUERY = /[?&#]/;

/** Parameters of signatures and sessions that are not recognised by other secret names. */
const SIGNING =
  /^(?:x-amz-.*|x-goog-.*|awsaccesskeyid|sig(?:nature)?|se|key-pair-id|expires|policy|key|auth|hmac|otp|pwd|session(?:_?id)?|ticket)$/i;
/** A long word with letters and digits and without a space, which is not a word for people. */
const TOKEN = /^(?=[^a-z]*[a-z])(?=\D*\d)[\w.~+/=-]{20,}$/i;

/** Places below which a URL works for everybody who has its path: webhooks that do not verify, bots, tool servers. */
const OPEN_PLACES = [
  "hooks\\.slack\\.com/(?:services|workflows|triggers)",
  "(?:\\w+\\.)?discord(?:app)?\\.com/api/webhooks",
  "hooks\\.zapier\\.com/hooks",
  "(?:mcp\\.zapier\\.com/api|actions\\.zapier\\.com)/mcp",
  "hook\\.(?:[\\w-]+\\.)?(?:make|integromat)\\.com",
  "[\\w-]+\\.webhook\\.office\\.com/webhookb2",
  "chat\\.googleapis\\.com/v1/spaces",
  "script\\.google\\.com/macros/s",
  "services\\.leadconnectorhq\\.com/hooks",
  "hooks\\.airtable\\.com/workflows",
  "[\\w-]+\\.app\\.n8n\\.cloud/webhook(?:-test)?",
  "connect\\.pabbly\\.com/workflow",
  "api\\.telegram\\.org",
  "(?:mcp|backend|apollo)\\.composio\\.dev",
  "mcp\\.pipedream\\.net",
  "maker\\.ifttt\\.com/(?:trigger|use)",
  "calendar\\.google\\.com/calendar/ical",
  // A server of n8n of somebody's own.
  "[\\w.:-]+/webhook(?:-test|-waiting)?(?=/[0-9a-f]{8}-[0-9a-f]{4}-)",
  "phone-call-websocket[\\w.-]*\\.vapi\\.ai",
];
/** A running call, to which everybody can listen who has the URL. */
const LIVE_PLACE = "wss?://[\\w.-]+\\.vapi\\.ai";
const OPEN_TO_ALL = new RegExp(`^(https?://(?:${OPEN_PLACES.join("|")})|${LIVE_PLACE})/.`, "i");

const removalUnder = judgeNames({ secrets: [], signedUrls: [] });

/** Returns a text in which URLs lost their user and password, and URLs with a token lost their query and fragment. */
export function withoutSignedQueries(text: string): string {
  return text.includes("://") ? text.replace(URL_IN_TEXT, withoutToken) : text;
}

/** Returns a text in which every URL lost its query and fragment. */
export function withoutQueries(text: string): string {
  return withoutSignedQueries(text.replace(URL_IN_TEXT, (url) => url.replace(/[?#].*$/s, "")));
}

function withoutToken(url: string): string {
  const [, place] = OPEN_TO_ALL.exec(url) ?? [];
  if (place !== undefined) return place;
  const open = url.replace(USER, "$1");
  const query = open.search(QUERY);
  if (
    query < 0 ||
    !open
      .slice(query + 1)
      .split(/[?&#;]/)
      .some(holdsToken)
  )
    return open;
  return open.slice(0, query);
}

function holdsToken(parameter: string): boolean {
  const [name = "", ...rest] = parameter.split("=");
  const value = rest.join("=");
  return (
    value !== "" &&
    (SIGNING.test(name) ||
      removalUnder(name) !== "nothing" ||
      (TOKEN.test(value) && !isUuid(value)) ||
      holdsSignedUrl(value))
  );
}

/** Returns whether a parameter is a URL that has a token itself, such as the address to return to. */
function holdsSignedUrl(value: string): boolean {
  if (!ENCODED_URL.test(value)) return false;
  const url = percentDecoded(value);
  return url !== null && withoutSignedQueries(url) !== url;
}

const ENCODED_URL = /%3a%2f%2f/i;
