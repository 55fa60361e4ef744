import type {
  Channel,
  ConversationItem,
  CostPart,
  Instant,
  Json,
  StoredConversation,
} from "@call-ledger/domain";
import type { ApiCredential, ApiRequest, CallApi } from "./call-api.ts";
import type { AccountSettings, ProviderAdapter } from "./provider-adapter.ts";
import type { SetupApi } from "./setup-api.ts";

/** The platform's own account at a provider, as the environment sets it. */
type PlatformAccount = AccountSettings & {
  /** The key of the provider's API; `null` if it is not set. */
  readonly apiKey: string | null;
  /** Where the provider's API is, http or https. */
  readonly apiUrl: string;
};

/** How a provider's API hands out recordings, and for how long. */
export type RecordingApi = {
  /** Where the provider keeps recordings: host names, and `*.name` for every host below a name. */
  readonly hosts: readonly string[];
  /** Milliseconds from the end of a call after which the provider's copy is gone. */
  readonly retentionMs: number;
  /** What to ask for a recording; the answer is the file or a redirect to it. */
  requestOf(
    credential: ApiCredential,
    recording: { readonly providerCallId: string; readonly channel: Channel },
  ): ApiRequest;
};

/** How people read what is stored of a call in the provider's words. */
export type ProviderWords = {
  /** What the reason of a call's end means, as a sentence; one that is not known is written in plain words. */
  endedReason(reason: string): string;
  /** What was said and done, in order and without prompts. */
  conversation(stored: StoredConversation): readonly ConversationItem[];
  /** The parts of a cost breakdown, without its total. */
  costParts(breakdown: Json): readonly CostPart[];
};

/** What a person does at the provider, in order. `{webhook_url}` and `{secret}` in a value stand for the account's. */
export type Connecting = {
  /** The provider's name as people write it. */
  readonly title: string;
  /** `value` is to be copied. */
  readonly steps: readonly { readonly text: string; readonly value?: string }[];
};

/** A provider's manifest: everything that the product knows of it. The registry in `index.ts` lists them. */
export type Provider = ProviderAdapter & {
  /**
   * Whether a reason of an ending says that the provider, or a service that it uses, has failed: many of them at the same
   * time are an outage.
   */
  isProviderFault(endedReason: string): boolean;
  /** The ways to prove the secret that an account may ask for, as `auth` of its verification; the default first. */
  readonly proofs: readonly string[];
  /**
   * The headers with which the provider sends a body to an account, signed at `now` with the account's first secret.
   * Throws a RangeError if there is no secret to sign with.
   */
  sign(body: Uint8Array, account: AccountSettings, now: Instant): Readonly<Record<string, string>>;
  readonly platform: {
    /** The environment variables that verify the platform account's deliveries, its secret first. */
    readonly variables: readonly [secret: string, ...others: string[]];
    /** The environment variable of the key of the provider's API. */
    readonly apiKeyVariable: string;
    /** Reads the configuration that `packages/config` has validated. */
    accountIn(config: object): PlatformAccount;
  };
  readonly recordings: RecordingApi;
  readonly words: ProviderWords;
  readonly connecting: Connecting;
  /** `null`: its API has no calls to compare the ledger with. */
  readonly calls: CallApi | null;
  /** `null`: its API does not tell an account's settings. */
  readonly setup: SetupApi | null;
};
