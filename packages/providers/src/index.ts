import type { ProviderAdapter } from "./common/provider-adapter.ts";
import { vapi } from "./vapi/vapi.adapter.ts";

export { sha256 } from "./common/digest.ts";
export type {
  Credential,
  HmacPlan,
  ProviderAdapter,
  Question,
  ReadDelivery,
  SignedRequest,
  Verification,
} from "./common/provider-adapter.ts";
export { endingOf as vapiEnding } from "./vapi/ended-reason.outcome.ts";
export { VAPI_HMAC_PLAN } from "./vapi/hmac.plan.ts";
export type { RecordingApi } from "./vapi/recording.request.ts";
export { vapiRecordings } from "./vapi/recording.request.ts";
export { signVapi } from "./vapi/sign.ts";
export { vapi } from "./vapi/vapi.adapter.ts";
export { vapiVerification } from "./vapi/verification.schema.ts";

const ADAPTERS: ReadonlyMap<string, ProviderAdapter> = new Map([[vapi.provider, vapi]]);

/** The adapter of a provider by its name in rows and URLs, `null` for a provider that is not known. */
export function providerFor(name: string): ProviderAdapter | null {
  return ADAPTERS.get(name) ?? null;
}
