import type { Instant } from "@call-ledger/domain";
import type { ReadCall } from "./provider-adapter.ts";

/** A provider's API with the access of one account. `apiKey` is one text, in any form that the API requires. */
export type ApiCredential = { readonly baseUrl: string; readonly apiKey: string };

/** A GET request to a provider's API. */
export type ApiRequest = { readonly url: string; readonly headers: Readonly<Record<string, string>> };

/** Selects calls that were created, or changed last, within a time: from its start (included) to its end (excluded). */
export type CallWindow = {
  readonly by: "created" | "changed";
  readonly from: Instant;
  readonly to: Instant;
};

/** A call as the provider's API has it. */
export type FetchedCall = {
  readonly createdAt: Instant;
  readonly changedAt: Instant;
  /** Whether the call has ended. After that only values are added that are computed after a call. */
  readonly hasEnded: boolean;
  /** The call in the form of a delivery. Its events come from the API, which is the most recent source. */
  readonly read: ReadCall;
};

/** A page of a list of calls. */
export type CallPage = {
  readonly calls: readonly FetchedCall[];
  /** The number of elements that could not be read as calls. */
  readonly unreadable: number;
};

/** The calls in a provider's API. The order of a list is not guaranteed. */
export type CallApi = {
  /** Milliseconds after a change of a call until every list shows it and its deliveries have arrived or been lost. */
  readonly settledMs: number;
  /** The number of calls to request at once. A page of this length may have left out others. */
  readonly pageSize: number;
  listRequest(credential: ApiCredential, window: CallWindow): ApiRequest;
  /** Reads the answer to `listRequest`. Returns `null` if it is not a list. Never throws. */
  readList(body: Uint8Array): CallPage | null;
  callRequest(credential: ApiCredential, providerCallId: string): ApiRequest;
  /** Reads the answer to `callRequest`. Returns `null` if it is not a call. Never throws. */
  readCall(body: Uint8Array): FetchedCall | null;
};
