import { signatureOf } from "../../common/hmac.ts";
import type { HmacPlan } from "../../common/provider-adapter.ts";
import type { ExpectedSetup } from "../../common/setup-api.ts";
import { vapiCredential } from "../credential.ts";
import { VAPI_HMAC_PLAN } from "../hmac.plan.ts";
import type { Scope } from "./scope.ts";
import { targetOf } from "./scope.ts";
import type { AuthenticationPlan, Place, VapiSetup } from "./setup.documents.ts";

const SAMPLE_SECRET = "c2FtcGxlLXNlY3JldA==";
const SAMPLE_BODY = Buffer.from('{"message":{}}');
const SAMPLE_TIME = Date.UTC(2026, 0, 1);

/**
 * Whether an account would accept what a credential signs, if the secrets are the same: tried with a secret that is made
 * up, because no secret can be read.
 */
export function acceptsPlan(plan: AuthenticationPlan, { verification, webhookUrl }: ExpectedSetup): boolean {
  const credential = vapiCredential({ webhookSecrets: [SAMPLE_SECRET], verification });
  const head = { method: "POST", url: webhookUrl, headers: proofOf(plan, webhookUrl) };
  return credential?.verify({ ...head, body: SAMPLE_BODY }, SAMPLE_TIME).verified === true;
}

/** The headers that a credential adds to a request. */
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

/** Everything that sends to the account's URL. */
export function sendersOf({ organization }: VapiSetup, scope: Scope, expected: ExpectedSetup): Place[] {
  const places = [...(organization === null ? [] : [organization]), ...scope.numbers, ...scope.assistants];
  return places.filter(({ url }) => targetOf(url, expected) === "ours");
}

/** Whether a place shows anything that could prove the secret. */
export function showsProof({ credentialId, headers }: Place, { verification }: ExpectedSetup): boolean {
  if (credentialId !== null) return true;
  const credential = vapiCredential({ webhookSecrets: [SAMPLE_SECRET], verification });
  const sent = Object.fromEntries(headers.map((name) => [name, SAMPLE_SECRET]));
  return credential?.isShownIn({ method: "POST", url: "", headers: sent }) === true;
}

/**
 * The credential that all senders with one use, if the account accepts it; where none has one, the only one that signs as
 * the account accepts. Else `null`.
 */
export function commonCredential(
  senders: readonly Place[],
  { plans }: VapiSetup,
  expected: ExpectedSetup,
): string | null {
  const [id, ...others] = new Set(senders.flatMap(({ credentialId }) => credentialId ?? []));
  if (others.length > 0) return null;
  if (id === undefined) {
    const fitting = [...(plans ?? [])].filter(
      ([, plan]) => plan.type === "hmac" && acceptsPlan(plan, expected),
    );
    return fitting.length === 1 ? (fitting[0]?.[0] ?? null) : null;
  }
  if (plans === null) return id;
  const plan = plans.get(id);
  return plan !== undefined && acceptsPlan(plan, expected) ? id : null;
}

/** What people are told of it. */
export function planWords({ type, ...plan }: AuthenticationPlan): string {
  if (type === "bearer") return `bearer in header ${plan.headerName ?? "authorization"}`;
  if (type !== "hmac") return type ?? "no type";
  const { algorithm, encoding, signatureHeader, payloadFormat } = hmacPlanOf({ type, ...plan });
  return `hmac ${algorithm} ${encoding} over ${payloadFormat} in header ${signatureHeader}`;
}
