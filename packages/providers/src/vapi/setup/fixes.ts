import type { ApiCredential } from "../../common/call-api.ts";
import type { JsonObject } from "../../common/json-body.ts";
import type { ExpectedSetup, SetupChange, SetupProblem } from "../../common/setup-api.ts";
import { authorization, withoutSlash } from "../api.request.ts";
import { VAPI_RETRIES } from "../connecting.ts";
import { commonCredential, showsProof } from "./credentials.ts";
import type { Scope } from "./scope.ts";
import { targetOf } from "./scope.ts";
import type { Place, VapiSetup } from "./setup.documents.ts";
import { shownUrl } from "./setup.words.ts";

/** The fields that a change of a place sets. A field is replaced as a whole. */
type PlaceFix = {
  readonly place: Place;
  /** See `SetupChange`. */
  readonly decision: string | null;
  readonly fields: {
    readonly server?: JsonObject;
    readonly serverMessages?: readonly string[];
    readonly artifactPlan?: JsonObject;
    readonly assistantId?: string | null;
    readonly squadId?: string | null;
    readonly workflowId?: null;
  };
};

/** A problem, and the change that fixes it; `null`: only a person can. */
export type Problem = SetupProblem & { readonly fix: PlaceFix | SetupChange | null };

/** The corrections of a place. */
export type Fixes = {
  /** Returns its server object with the account's URL, the credential that all others use, and retries. */
  rightServer(place: Place): JsonObject;
  /**
   * Returns the change that sets `fields`; `null` if it would remove a secret that nobody can read. `decision`: see
   * `SetupChange`.
   */
  fix(place: Place, fields: PlaceFix["fields"], decision?: string | null): PlaceFix | null;
  /** Returns a command that sets `fields`, for pasting. Secrets are left out. */
  pasted(place: Place, fields: PlaceFix["fields"]): string;
};

const MIN_RETRY_SECONDS = 60;

/** The fields of a server object without secrets. */
const SHOWN = [
  "url",
  "credentialId",
  "backoffPlan",
  "timeoutSeconds",
  "staticIpAddressesEnabled",
  "encryptedPaths",
] as const;

export function fixesFor(
  setup: VapiSetup,
  scope: Scope,
  expected: ExpectedSetup,
  { baseUrl }: ApiCredential,
): Fixes {
  const common = commonCredential(setup, scope, expected);
  const provesToUs = (place: Place) => {
    // A credential for another URL proves nothing here.
    const isElsewhere = ["host", "another account"].includes(targetOf(place.url, expected));
    return showsProof(place, expected) && !isElsewhere;
  };
  return {
    rightServer: (place) => ({
      ...place.server,
      ...(targetOf(place.url, expected) === "ours" ? {} : { url: expected.webhookUrl }),
      ...(common !== null && !provesToUs(place) ? { credentialId: common } : {}),
      ...(retriesFault(place) === null ? {} : { backoffPlan: VAPI_RETRIES }),
    }),
    fix: (place, fields, decision = null) =>
      fields.server !== undefined && place.hidesSecret ? null : { place, fields, decision },
    pasted(place, { server, ...fields }) {
      const shown = server === undefined ? {} : { server: shownServer(server) };
      const body = JSON.stringify({ ...place.needed, ...shown, ...fields }).replaceAll("'", "'\\''");
      const isKept = server !== undefined && Object.keys(server).some((name) => !isShown(name));
      const isLost = server !== undefined && place.hidesSecret;
      return [
        `curl -X PATCH ${withoutSlash(baseUrl)}${place.path} -H "Authorization: Bearer $VAPI_API_KEY" -H "Content-Type: application/json" -d '${body}'`,
        ...(isKept
          ? ["(add the headers and other fields of its server object: it is replaced as a whole)"]
          : []),
        ...(isLost
          ? [
              "(add its secret, which Vapi does not tell, or a credentialId: the object is replaced as a whole)",
            ]
          : []),
      ].join(" ");
    },
  };
}

/**
 * Returns what is wrong with the repetitions of a place, as the rest of a sentence. The ledger answers 408, 429
 * and 5xx to deliveries that it accepts later.
 */
export function retriesFault({ backoffPlan }: Pick<Place, "backoffPlan">): string | null {
  if (backoffPlan === null || backoffPlan.maxRetries < 1)
    return "does not send again what was not accepted (backoffPlan)";
  const { type, maxRetries, baseDelaySeconds, excludedStatusCodes } = backoffPlan;
  const excluded = excludedStatusCodes
    .map(Number)
    .filter((status) => [408, 429].includes(status) || status >= 500);
  if (excluded.length > 0)
    return `does not send again what was answered with ${excluded.join(", ")} (backoffPlan.excludedStatusCodes)`;
  const seconds = baseDelaySeconds * (type === "exponential" ? 2 ** maxRetries - 1 : maxRetries);
  return seconds < MIN_RETRY_SECONDS
    ? `sends again for ${seconds} s only, and a restart can take a minute (backoffPlan)`
    : null;
}

/** Joins the safe corrections of all problems of a place into one change. Each decision is a change of its own. */
export function changesOf(
  problems: readonly Problem[],
  expected: ExpectedSetup,
  { baseUrl, apiKey }: ApiCredential,
): SetupChange[] {
  const safe = new Map<string, PlaceFix>();
  const decisions: (PlaceFix | SetupChange)[] = [];
  for (const { fix } of problems) {
    if (fix === null) continue;
    if (fix.decision !== null || !("place" in fix)) decisions.push(fix);
    else safe.set(fix.place.path, { ...fix, fields: { ...safe.get(fix.place.path)?.fields, ...fix.fields } });
  }
  return [...safe.values(), ...decisions].map((fix) => {
    if (!("place" in fix)) return fix;
    const { place, fields, decision } = fix;
    return {
      what: place.label,
      decision,
      difference: differenceOf(place, fields, expected),
      action: {
        request: { url: withoutSlash(baseUrl) + place.path, headers: authorization(apiKey) },
        body: JSON.stringify({ ...place.needed, ...fields }),
      },
    };
  });
}

function differenceOf(
  place: Place,
  { server, artifactPlan, ...fields }: PlaceFix["fields"],
  expected: ExpectedSetup,
): SetupChange["difference"] {
  const changed: { field: string; before: string; after: string }[] = [];
  const note = (field: string, before: string, after: string) => {
    if (before !== after) changed.push({ field, before, after });
  };
  if (server !== undefined) {
    const url = typeof server.url === "string" ? server.url : place.url;
    note("server.url", shownUrl(place.url, expected), shownUrl(url, expected));
    for (const field of ["credentialId", "backoffPlan"] as const) {
      note(`server.${field}`, shownValue(place.server[field]), shownValue(server[field]));
    }
  }
  const recording = artifactPlan && { "artifactPlan.recordingEnabled": artifactPlan.recordingEnabled };
  for (const [field, after] of Object.entries({ ...fields, ...recording })) {
    note(field, shownValue(place.current[field]), shownValue(after));
  }
  return changed;
}

function shownValue(value: unknown): string {
  if (value === undefined || value === null) return "none";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function shownServer(server: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(server).filter(([name]) => isShown(name)));
}

function isShown(name: string): boolean {
  return SHOWN.some((shown) => shown === name);
}
