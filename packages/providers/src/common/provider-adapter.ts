import type { CallEvent, CallFacts, Instant, Prompt } from "@call-ledger/domain";

/** What comes before the body of an HTTP request; header names are lower case. */
export type RequestHead = {
  readonly method: string;
  /** The full public URL, as far as the server knows it. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
};

/** One HTTP request of a provider, as it came. `body` is the exact bytes. */
export type SignedRequest = RequestHead & { readonly body: Uint8Array };

/** How a sender signs a request with an HMAC. */
export type HmacPlan = {
  readonly algorithm: "sha1" | "sha256" | "sha512";
  readonly encoding: "hex" | "base64";
  /** Tokens: `{body} {timestamp} {method} {url} {svix-id}`. */
  readonly payloadFormat: string;
  readonly signatureHeader: string;
  readonly timestampHeader: string | null;
  readonly messageIdHeader: string | null;
  readonly signaturePrefix: string;
  readonly secretIsBase64: boolean;
};

/** What is stored of an account, its secrets opened, or what the environment says of the platform's own account. */
export type AccountSettings = {
  /** All secrets that hold at the moment: two during a rotation. Never empty strings. */
  readonly webhookSecrets: readonly string[];
  /** JSON in the shape that the provider's own schema asks for; `null`: the provider's defaults. */
  readonly verification: unknown;
};

/** What an account's deliveries are verified against. Only its provider's folder knows what is in it. */
export type Credential = {
  /** Whether the request has a header that could prove the account's secret, whatever is in it. */
  isShownIn(head: RequestHead): boolean;
  /**
   * What can be said before the body is read; `null`: the body decides. Who shows no credential is refused, and a secret
   * in a header is verified. Constant-time, fails closed and never throws, like `verify`, which says the same later.
   */
  verifyHead(head: RequestHead, now: Instant, toleranceMs?: number): Verification | null;
  /**
   * Constant-time over all secrets; fails closed, never throws. `now`: the time of receipt; `toleranceMs`: how old a signed
   * time may be, five minutes by default.
   */
  verify(request: SignedRequest, now: Instant, toleranceMs?: number): Verification;
};

/** Why a request is refused: for the operator's log, never for the sender. */
export type RefusedBecause = "no_proof" | "wrong_proof" | "stale_timestamp";

/** The outcome of verification. */
export type Verification =
  | { readonly verified: false; readonly because: RefusedBecause }
  | { readonly verified: true; readonly deliveryId: string | null };

/** A reply that the provider wants beyond "received". */
export type Question =
  | { readonly asks: "agent" }
  | { readonly asks: "tools"; readonly toolCalls: readonly { readonly id: string; readonly name: string }[] }
  | { readonly asks: "function" }
  | { readonly asks: "audio" }
  | { readonly asks: "other" };

/** A verified body that is about a call, read. */
export type ReadCall = {
  readonly reads: "call";
  readonly type: string;
  readonly providerCallId: string;
  readonly facts: CallFacts;
  /** At least one. */
  readonly events: readonly CallEvent[];
  /**
   * The body as JSON text without the secrets and presigned URLs in it, and with references to its prompts: what is
   * stored, and read again it says the same.
   */
  readonly payload: string;
  /** What the payload and the events refer to, each once. */
  readonly prompts: readonly Prompt[];
  readonly question: Question | null;
};

/** A verified body, read. */
export type ReadDelivery =
  | ReadCall
  /** Known to say nothing that is kept (cumulative chatter, simulations): counted, not stored. */
  | { readonly reads: "chatter"; readonly type: string }
  /** Verified but not bookable: stored as it is, without the secrets in it. */
  | {
      readonly reads: "nothing";
      readonly type: string;
      /** `too_complex`: nested too deeply, or of too many elements and keys, to be read. */
      readonly reason: "unparseable" | "too_complex" | "no_call" | "call_id_too_long";
      /** What the reason leaves unsaid, never a value; `null`: nothing. */
      readonly detail: string | null;
      /** A person or a later release may make it bookable; else it is stored as observed for its account. */
      readonly waits: boolean;
      readonly payload: string;
      readonly question: Question | null;
    };

/** The part of a provider that deliveries pass through; `testing/provider-conformance.ts` is its suite. No I/O in any of it. */
export type ProviderAdapter = {
  /** The name in rows and URLs, lower case. */
  readonly provider: string;
  /** The credential of an account; `null` if its settings are not in this provider's shape. */
  credentialOf(account: AccountSettings): Credential | null;
  /** Takes as long as an account's credential; for accounts that do not exist, whose deliveries are refused anyway. */
  readonly decoy: Credential;
  /** Parses and translates; never throws, whatever the bytes are. */
  read(body: Uint8Array): ReadDelivery;
  /**
   * The JSON body that answers a question, `null` for an empty body; `providerAgentId` is the agent that owns the called
   * number, if any.
   */
  answer(question: Question, providerAgentId: string | null): unknown;
};
