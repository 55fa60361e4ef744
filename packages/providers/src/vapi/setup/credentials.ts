import { signatureOf } from "../../common/hmac.ts";
import type { HmacPlan } from "../../common/provider-adapter.ts";
import type { ExpectedSetup } from "../../common/setup-api.ts";
import { vapiCredential } from "../credential.ts";
import { VAPI_HMAC_PLAN } from "../hmac.plan.ts";
import type { Scope } from "./scope.ts";
import { targetOf } from "./scope.ts";
import type { AuthenticationPlan, Place, Squad, VapiSetup } from "./setup.documents.ts";
import { partsOf } from "./setup.documents.ts";

const SAMPLE_SECRET = "c2FtcGxlLXNlY3JldA==";
const SAMPLE_BODY = Buffer.from('{"message":{}}');
const SAMPLE_TIME = Date.UTC(2026, 0, 1);

/**
 * Returns whether an account would accept the proof of a credential if the secrets are the same. It is tried with an
 * invented secret, because no secret can be read.
 */
export function acceptsPlan(plan: AuthenticationPlan, { verification, webhookUrl }: ExpectedSetup): boolean {
  const credential = vapiCredential({ webhookSecrets: [SAMPLE_SECRET], verification });
  const head = { method: "POST", url: webhookUrl, headers: proofOf(plan, webhookUrl) };
  return credential?.verify({ ...head, body: SAMPLE_BODY }, SAMPLE_TIME).verified === true;
}

/** Returns the headers that a credential adds to a request. */
function proofOf(plan: AuthenticationPlan, url: string): Readonly<Record<string, string>> {
  if (plan.type === "bearer") {
    const name = (plan.headerName ?? "authorization").toLowerCase();
    return { [name]: plan.bearerPrefixEnabled === false ? SAMPLE_SECRET : `Bearer ${SAMPLE_SECRET}` };
  }
  if (plan.type !== "hmac") return {};
  const hmac = hmacPlanOf(plan);
  const headers: Record<string, string> = {};
  if (hmac.timestampHeader !== null) headers[hmac.timestampHeader] = String(SAMPLE_TIME / 1_000);
  if (hmac.messageIdHeader !== null) headers[hmac.messageIdHeader] = "sample";
  const signature = signatureOf(hmac, { method: "POST", url, headers, body: SAMPLE_BODY }, SAMPLE_SECRET);
  return signature === null ? headers : { ...headers, [hmac.signatureHeader]: signature };
}

function hmacPlanOf(plan: AuthenticationPlan): HmacPlan {
  const isTimed = plan.includeTimestamp !== false;
  const { algorithm, signatureEncoding } = plan;
  return {
    algorithm: algorithm === "sha1" || algorithm === "sha512" ? algorithm : "sha256",
    encoding: signatureEncoding === "base64" ? "base64" : "hex",
    payloadFormat: plan.payloadFormat ?? (isTimed ? VAPI_HMAC_PLAN.payloadFormat : "{body}"),
    signatureHeader: (plan.signatureHeader ?? VAPI_HMAC_PLAN.signatureHeader).toLowerCase(),
    timestampHeader: isTimed
      ? (plan.timestampHeader ?? VAPI_HMAC_PLAN.timestampHeader ?? "x-timestamp").toLowerCase()
      : null,
    messageIdHeader: plan.messageIdHeader?.toLowerCase() ?? null,
    signaturePrefix: plan.signaturePrefix ?? "",
    secretIsBase64: plan.secretIsBase64 === true,
  };
}

/** Returns all places that send to the account's URL. */
export function sendersOf({ organization }: VapiSetup, scope: Scope, expected: ExpectedSetup): Place[] {
  const places = [...(organization === null ? [] : [organization]), ...scope.numbers, ...scope.assistants];
  return places.filter(({ url }) => targetOf(url, expected) === "ours");
}

/** Returns the parts of a squad that send to the account's URL. */
export function sendingPartsOf(squad: Squad, expected: ExpectedSetup) {
  return partsOf(squad).filter(({ url }) => targetOf(url, expected) === "ours");
}

/** Returns whether a place has anything that could prove the secret. */
export function showsProof(
  { credentialId, headers }: Pick<Place, "credentialId" | "headers">,
  { verification }: ExpectedSetup,
): boolean {
  if (credentialId !== null) return true;
  const credential = vapiCredential({ webhookSecrets: [SAMPLE_SECRET], verification });
  const sent = Object.fromEntries(headers.map((name) => [name, SAMPLE_SECRET]));
  return credential?.isShownIn({ method: "POST", url: "", headers: sent }) === true;
}

/** Returns the ids of the credentials that are used with the account's URL. */
export function usedCredentials(setup: VapiSetup, scope: Scope, expected: ExpectedSetup): string[] {
  const senders = [
    ...sendersOf(setup, scope, expected),
    ...scope.squads.flatMap((squad) => sendingPartsOf(squad, expected)),
  ];
  return [...new Set(senders.flatMap(({ credentialId }) => credentialId ?? []))];
}

/** Returns the credential that all senders with one use, if the account accepts it; otherwise `null`. */
export function commonCredential(setup: VapiSetup, scope: Scope, expected: ExpectedSetup): string | null {
  const [id, ...others] = usedCredentials(setup, scope, expected);
  if (id === undefined || others.length > 0) return null;
  if (setup.plans === null) return id;
  const plan = setup.plans.get(id);
  return plan !== undefined && acceptsPlan(plan, expected) ? id : null;
}

/**
 * Returns the only HMAC credential that the account would accept if the secrets are the same; otherwise `null`. It may
 * be another system's.
 */
export function onlyCredential({ plans }: VapiSetup, expected: ExpectedSetup): string | null {
  const [only, ...others] = [...(plans ?? [])].filter(
    ([, plan]) => plan.type === "hmac" && acceptsPlan(plan, expected),
  );
  return only === undefined || others.length > 0 ? null : only[0];
}

/** Returns the description of a plan for people. */
export function planWords({ type, ...plan }: AuthenticationPlan): string {
  if (type === "bearer") return `bearer in header ${plan.headerName ?? "authorization"}`;
  if (type !== "hmac") return type ?? "no type";
  const { algorithm, encoding, signatureHeader, payloadFormat } = hmacPlanOf({ type, ...plan });
  return `hmac ${algorithm} ${encoding} over ${payloadFormat} in header ${signatureHeader}`;
}
