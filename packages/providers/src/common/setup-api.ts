import type { CallFacts } from "@call-ledger/domain";
import type { ApiCredential, ApiRequest } from "./call-api.ts";

/** The expected settings of an account at its provider. */
export type ExpectedSetup = {
  /** The URL to which the account's deliveries have to be sent. */
  readonly webhookUrl: string;
  /** The URLs of our other accounts. */
  readonly otherWebhookUrls: readonly string[];
  /** The stored verification of the account's deliveries; `null`: the provider's defaults. */
  readonly verification: unknown;
  /** The account's live agents. */
  readonly agents: readonly {
    readonly id: string;
    readonly providerAgentId: string;
    readonly providerPhoneNumberId: string | null;
    readonly phoneNumber: string | null;
  }[];
  /** Whether every call of the account belongs to one organization, even if its agent is not registered. */
  readonly ownsAllCalls: boolean;
  /**
   * Milliseconds since the end of the oldest call that still waits for its recording or its comparison; 0: none waits.
   */
  readonly backlogMs: number;
  /** The organization of the ledger if it has only one; otherwise `null`. */
  readonly onlyOrganization: { readonly id: string; readonly name: string } | null;
  /** Whether a delivery of the account has verified within a week. */
  readonly hasVerifiedLately: boolean;
  /** The name with which the operator's commands are called, for the commands in a problem. */
  readonly program: string;
};

/** A document of the provider's API to read. */
export type SetupRequest = {
  readonly name: string;
  /** Whether some keys may not read it. */
  readonly isOptional: boolean;
  readonly request: ApiRequest;
};

/** The answers by the names of the requests; `null`: the key may not read it, or it does not exist. */
export type SetupAnswers = Readonly<Record<string, Uint8Array | null>>;

/** A setting that loses calls, described without secrets, prompts and phone numbers. */
export type SetupProblem = {
  /** The id of one of the API's checks. */
  readonly check: string;
  /** One sentence that names the fault and its place. */
  readonly found: string;
  /** What to do; a command to paste, if possible. */
  readonly next: string;
};

/** A change of one object at the provider, or of an agent in the ledger. */
export type SetupChange = {
  /** The object, such as `assistant 5b1f`. */
  readonly what: string;
  /** What a person has to know before a yes; `null`: the change is safe, as it removes no setting of others. */
  readonly decision: string | null;
  /** The changed values for people, without secrets. */
  readonly difference: readonly { readonly field: string; readonly before: string; readonly after: string }[];
  readonly action:
    | {
        /** Sent with PATCH. */
        readonly request: ApiRequest;
        /** JSON. It may contain secrets that the object has already. */
        readonly body: string;
      }
    /** The provider's id of an assistant that becomes an organization's agent. */
    | { readonly addAgent: string; readonly orgId: string }
    /** The agent's own id. */
    | { readonly removeAgent: string };
};

/** The settings of an account at its provider, as they were read. */
export type ExaminedSetup = {
  /** The provider's id of the customer whose settings they are; `null`: the provider does not tell it. */
  readonly customer: string | null;
  /** The number of objects that were read, and what else has to be known of them, as text. */
  readonly found: string;
  /** Why the settings may be those of another account. Then there are no problems and no changes. */
  readonly doubt: string | null;
  readonly problems: readonly SetupProblem[];
  readonly changes: readonly SetupChange[];
  /** Returns whether a call is the account's, and not that of another system at the same provider. */
  covers(facts: CallFacts): boolean;
};

/** The settings of an account in a provider's API, and the rules that find those that lose calls. It does no I/O. */
export type SetupApi = {
  /** The checks of `examine`, in the order in which people read them. */
  readonly checks: readonly { readonly id: string; readonly expected: string }[];
  requests(credential: ApiCredential): readonly SetupRequest[];
  /** Returns `null` if a required answer does not come from this API. Never throws. */
  examine(answers: SetupAnswers, expected: ExpectedSetup, credential: ApiCredential): ExaminedSetup | null;
};
