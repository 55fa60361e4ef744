import type { Instant } from "@call-ledger/domain";
import type { ReadCall } from "./provider-adapter.ts";

/** A provider's API as one account may use it; `apiKey` is one text, whatever the API asks for. */
export type ApiCredential = { readonly baseUrl: string; readonly apiKey: string };

/** What to ask a provider's API for with GET. */
export type ApiRequest = { readonly url: string; readonly headers: Readonly<Record<string, string>> };

/** Calls that were created, or changed last, within a time: from its first moment on, before its last. */
export type CallWindow = {
  readonly by: "created" | "changed";
  readonly from: Instant;
  readonly to: Instant;
};

/** A call as the provider's API has it. */
export type FetchedCall = {
  readonly createdAt: Instant;
  readonly changedAt: Instant;
  /** It will not change any more, but for what is computed after a call. */
  readonly hasEnded: boolean;
  /** The call as a delivery would say it; its events are the API's word, which is the freshest. */
  readonly read: ReadCall;
};

/** A page of a list of calls. */
export type CallPage = {
  readonly calls: readonly FetchedCall[];
  /** Elements that are no calls, as far as they can be read. */
  readonly unreadable: number;
};

/** How a provider's API gives calls. The order of a list is nobody's promise. */
export type CallApi = {
  /** Milliseconds from a change to a call until every list shows it and its deliveries have come, or will not come. */
  readonly settledMs: number;
  /** How many calls to ask for at once; a page of so many may have left others out. */
  readonly pageSize: number;
  listRequest(credential: ApiCredential, window: CallWindow): ApiRequest;
  /** Reads the answer to `listRequest`; `null`: it is no list. Never throws. */
  readList(body: Uint8Array): CallPage | null;
  callRequest(credential: ApiCredential, providerCallId: string): ApiRequest;
  /** Reads the answer to `callRequest`; `null`: it is no call. Never throws. */
  readCall(body: Uint8Array): FetchedCall | null;
};
