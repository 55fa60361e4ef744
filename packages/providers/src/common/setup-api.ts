import type { ApiCredential, ApiRequest } from "./call-api.ts";

/** What the settings of an account at its provider have to fit. */
export type ExpectedSetup = {
  /** Where the account's deliveries have to go. */
  readonly webhookUrl: string;
  /** Where the deliveries of our other accounts go. */
  readonly otherWebhookUrls: readonly string[];
  /** How the account's deliveries are verified, as it is stored; `null`: the provider's defaults. */
  readonly verification: unknown;
  /** The account's live agents. */
  readonly agents: readonly {
    readonly id: string;
    readonly providerAgentId: string;
    readonly providerPhoneNumberId: string | null;
  }[];
  /** Every call of the account is one organization's, whether or not its agent is registered. */
  readonly ownsAllCalls: boolean;
  /** Milliseconds since the end of the oldest call that still waits for its recording or its comparison; 0: none does. */
  readonly backlogMs: number;
  /** A delivery of the account has verified within a week. */
  readonly hasVerifiedLately: boolean;
  /** How the operator's commands are called, for those that a problem names. */
  readonly program: string;
};

/** A document of the provider's API that is read. */
export type SetupRequest = {
  readonly name: string;
  /** Not every key may read it. */
  readonly isOptional: boolean;
  readonly request: ApiRequest;
};

/** The answers by the names of the requests; `null`: the key may not read it, or it is not there. */
export type SetupAnswers = Readonly<Record<string, Uint8Array | null>>;

/** Something that loses calls, without secrets, prompts and phone numbers. */
export type SetupProblem = {
  /** The id of one of the API's checks. */
  readonly check: string;
  /** One sentence: what is wrong, and where. */
  readonly found: string;
  /** What to do, to be pasted where it can be. */
  readonly next: string;
};

/** A change of one object at the provider that takes nothing from anybody. */
export type SetupChange = {
  /** The object, such as `assistant 5b1f`. */
  readonly what: string;
  /** Asked with PATCH. */
  readonly request: ApiRequest;
  /** JSON; it may hold secrets that the object has already. */
  readonly body: string;
  /** What will be another one, for people: without secrets. */
  readonly difference: readonly { readonly field: string; readonly before: string; readonly after: string }[];
};

/** The provider's side of an account, read. */
export type ExaminedSetup = {
  /** What was read, in figures. */
  readonly found: string;
  readonly problems: readonly SetupProblem[];
  readonly changes: readonly SetupChange[];
};

/** How a provider's API tells an account's settings, and what in them loses calls. No I/O in any of it. */
export type SetupApi = {
  /** The questions that `examine` answers, in the order in which people read them. */
  readonly checks: readonly { readonly id: string; readonly expected: string }[];
  requests(credential: ApiCredential): readonly SetupRequest[];
  /** `null`: an answer that is needed is none of this API. Never throws. */
  examine(answers: SetupAnswers, expected: ExpectedSetup, credential: ApiCredential): ExaminedSetup | null;
};
