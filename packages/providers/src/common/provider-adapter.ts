import type { CallEvent, CallFacts, Instant, Prompt } from "@call-ledger/domain";

/** The part of an HTTP request before its body. Header names are lower case. */
export type RequestHead = {
  readonly method: string;
  /** The full public URL, as far as the server knows it. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
};

/** One HTTP request of a provider. `body` is the exact bytes. */
export type SignedRequest = RequestHead & { readonly body: Uint8Array };

/** The way in which a sender signs a request with an HMAC. */
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

/**
 * The stored settings of an account with decrypted secrets, or the environment's settings of the platform's own
 * account.
 */
export type AccountSettings = {
  /** All valid secrets: two during a rotation. Never empty strings. */
  readonly webhookSecrets: readonly string[];
  /** JSON in the form of the provider's own schema; `null`: the provider's defaults. */
  readonly verification: unknown;
};

/** The data against which an account's deliveries are verified. Only its provider's folder knows the content. */
export type Credential = {
  /** Returns whether the request has a header that could prove the account's secret, with any value. */
  isShownIn(head: RequestHead): boolean;
  /**
   * Returns the result that the headers alone decide; `null`: the body decides. A sender without a credential is
   * refused, and a secret in a header is verified. Constant-time, fails closed and never throws, like `verify`, which
   * gives the same result later.
   */
  verifyHead(head: RequestHead, now: Instant, toleranceMs?: number): Verification | null;
  /**
   * Verifies in constant time over all secrets. Fails closed, never throws. `now`: the time of receipt. `toleranceMs`:
   * the max age of a signed time, five minutes by default.
   */
  verify(request: SignedRequest, now: Instant, toleranceMs?: number): Verification;
};

/** Why a request is refused. For the operator's log, never for the sender. */
export type RefusedBecause = "no_proof" | "wrong_proof" | "stale_timestamp";

/** The result of a verification. */
export type Verification =
  | { readonly verified: false; readonly because: RefusedBecause }
  | { readonly verified: true; readonly deliveryId: string | null };

/** A question of the provider that needs another reply than "received". */
export type Question =
  | { readonly asks: "agent" }
  | { readonly asks: "tools"; readonly toolCalls: readonly { readonly id: string; readonly name: string }[] }
  | { readonly asks: "function" }
  | { readonly asks: "audio" }
  | { readonly asks: "other" };

/** A verified body about a call that was read. */
export type ReadCall = {
  readonly reads: "call";
  readonly type: string;
  readonly providerCallId: string;
  readonly facts: CallFacts;
  /** One event or more. */
  readonly events: readonly CallEvent[];
  /**
   * The body as JSON text without its secrets and presigned URLs, and with references to its prompts. It is stored, and
   * gives the same result when it is read again.
   */
  readonly payload: string;
  /** The prompts to which the payload and the events refer, each once. */
  readonly prompts: readonly Prompt[];
  readonly question: Question | null;
};

/** A verified body that was read. */
export type ReadDelivery =
  | ReadCall
  /** The body contains nothing that is stored (cumulative chatter, simulations). It is counted and not stored. */
  | { readonly reads: "chatter"; readonly type: string }
  /** The body is verified but not bookable. It is stored without its secrets. */
  | {
      readonly reads: "nothing";
      readonly type: string;
      /** `too_complex`: nested too deeply, or too many elements and keys. */
      readonly reason: "unparseable" | "too_complex" | "no_call" | "call_id_too_long";
      /** Details beyond the reason, never a value; `null`: none. */
      readonly detail: string | null;
      /** Whether a person or a later release may make it bookable. If not, it is stored as observed for its account. */
      readonly waits: boolean;
      readonly payload: string;
      readonly question: Question | null;
    };

/**
 * The part of a provider that processes deliveries. Its test suite is `testing/provider-conformance.ts`. It does no
 * I/O.
 */
export type ProviderAdapter = {
  /** The name in rows and URLs, lower case. */
  readonly provider: string;
  /** Returns the credential of an account; `null` if its settings do not have this provider's form. */
  credentialOf(account: AccountSettings): Credential | null;
  /**
   * A credential that takes as long as an account's. It is used for accounts that do not exist, whose deliveries are
   * refused anyway.
   */
  readonly decoy: Credential;
  /** Parses and translates a body. Never throws, for any bytes. */
  read(body: Uint8Array): ReadDelivery;
  /**
   * Returns the JSON body that answers a question, `null` for an empty body. `providerAgentId` is the agent that owns
   * the called number, if any.
   */
  answer(question: Question, providerAgentId: string | null): unknown;
};
