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

/** The platform's own account at a provider, as the environment defines it. */
type PlatformAccount = AccountSettings & {
  /** The key of the provider's API; `null` if it is not set. */
  readonly apiKey: string | null;
  /** The URL of the provider's API, http or https. */
  readonly apiUrl: string;
};

/** The recordings in a provider's API, and for how long it has them. */
export type RecordingApi = {
  /** The hosts of the provider's recordings: host names, and `*.name` for every host below a name. */
  readonly hosts: readonly string[];
  /** Milliseconds after the end of a call until the provider deletes its copy. */
  readonly retentionMs: number;
  /** What a person sets at the provider so that calls are recorded, as sentences. */
  readonly switchedOnBy: string;
  /** Returns the request for a recording. The answer is the file or a redirect to it. */
  requestOf(
    credential: ApiCredential,
    recording: { readonly providerCallId: string; readonly channel: Channel },
  ): ApiRequest;
};

/** Functions that turn stored data in the provider's words into a form for people. */
export type ProviderWords = {
  /** Returns the meaning of an ended reason as a sentence. An unknown reason is written in plain words. */
  endedReason(reason: string): string;
  /** Returns utterances and tool calls, in order and without prompts. */
  conversation(stored: StoredConversation): readonly ConversationItem[];
  /** Returns the parts of a cost breakdown, without its total. */
  costParts(breakdown: Json): readonly CostPart[];
  /** Returns who or what is at the place to which a call was put through, by the details of a report or an event. */
  destinationName(details: Json): string | null;
};

/**
 * The steps of a person at the provider, in order. `{webhook_url}` and `{secret}` in a value stand for the account's.
 */
export type Connecting = {
  /** The provider's name for people. */
  readonly title: string;
  /** `value` is a text to copy. */
  readonly steps: readonly { readonly text: string; readonly value?: string }[];
};

/**
 * A provider's manifest: everything that the product knows about it. The registry in `index.ts` lists all manifests.
 */
export type Provider = ProviderAdapter & {
  /**
   * Returns whether an ended reason means that the provider, or a service that it uses, has failed. Many such calls at
   * the same time mean an outage.
   */
  isProviderFault(endedReason: string): boolean;
  /** The kinds of proof that an account can require, as `auth` of its verification; the default first. */
  readonly proofs: readonly string[];
  /**
   * Returns the headers with which the provider sends a body to an account, signed at `now` with the account's first
   * secret. Throws a RangeError if there is no secret.
   */
  sign(body: Uint8Array, account: AccountSettings, now: Instant): Readonly<Record<string, string>>;
  readonly platform: {
    /** The environment variables that verify the platform account's deliveries, its secret first. */
    readonly variables: readonly [secret: string, ...others: string[]];
    /** The environment variable with the key of the provider's API. */
    readonly apiKeyVariable: string;
    /** The environment variable with the address of the provider's API. */
    readonly apiUrlVariable: string;
    /** Reads the platform's account from the configuration that `packages/config` has validated. */
    accountIn(config: object): PlatformAccount;
  };
  readonly recordings: RecordingApi;
  readonly words: ProviderWords;
  readonly connecting: Connecting;
  /** `null`: the API has no calls with which the ledger could be compared. */
  readonly calls: CallApi | null;
  /** `null`: the API does not show an account's settings. */
  readonly setup: SetupApi | null;
};
