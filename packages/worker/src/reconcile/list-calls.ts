import type { ApiCredential, ApiRequest, CallApi, CallPage, CallWindow } from "@call-ledger/providers";
import { EgressFault } from "../egress/egress-fault.ts";
import { AnswerTooLarge } from "./ask-api.ts";

type ListedApi = {
  readonly api: CallApi;
  readonly credential: ApiCredential;
  /** Returns the answer of the account's API. Throws EgressFault. */
  ask(request: ApiRequest): Promise<Uint8Array>;
};

/** Returns the function that lists calls; `null` for an answer that is too large. It throws EgressFault. */
export function callLister({ api, credential, ask }: ListedApi) {
  return async (part: CallWindow): Promise<CallPage | null> => {
    const body = await ask(api.listRequest(credential, part)).catch(tooLarge);
    if (body === null) return null;
    const page = api.readList(body);
    if (page === null) throw new EgressFault("passing", "the API's answer is not a list of calls");
    return page;
  };
}

function tooLarge(error: unknown): null {
  if (error instanceof AnswerTooLarge) return null;
  throw error;
}
