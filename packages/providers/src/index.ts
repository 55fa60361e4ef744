import type { Provider } from "./common/provider.ts";
import type { VapiConfig } from "./vapi/platform.account.ts";
import { vapi } from "./vapi/vapi.provider.ts";

export type {
  ApiCredential,
  ApiRequest,
  CallApi,
  CallPage,
  CallWindow,
  FetchedCall,
} from "./common/call-api.ts";
export { sha256 } from "./common/digest.ts";
export type { Provider, ProviderWords, RecordingApi } from "./common/provider.ts";
export type {
  AccountSettings,
  Credential,
  ProviderAdapter,
  Question,
  ReadCall,
  ReadDelivery,
  RefusedBecause,
  RequestHead,
  SignedRequest,
  Verification,
} from "./common/provider-adapter.ts";
export type {
  ExaminedSetup,
  ExpectedSetup,
  SetupAnswers,
  SetupApi,
  SetupChange,
  SetupProblem,
  SetupRequest,
} from "./common/setup-api.ts";
// For the adoption of an older system's tables, whose calls all come from Vapi.
export { endingOf as vapiEnding } from "./vapi/ended-reason.outcome.ts";

/** The variables of the validated environment that the platform accounts of all providers read. */
export type PlatformConfig = VapiConfig;

/** The provider of commands without a provider's name. */
export const DEFAULT_PROVIDER: Provider = vapi;

/** All providers, in the order in which people read them. */
export const PROVIDERS: readonly Provider[] = [vapi];

const BY_NAME: ReadonlyMap<string, Provider> = new Map(PROVIDERS.map((one) => [one.provider, one]));

/** Returns a provider by its name in rows and URLs, `null` for an unknown name. */
export function providerFor(name: string): Provider | null {
  return BY_NAME.get(name) ?? null;
}
