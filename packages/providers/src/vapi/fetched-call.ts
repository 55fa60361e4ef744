import type { Json } from "@call-ledger/domain";
import { RECONCILED_TYPE } from "@call-ledger/domain";
import type { CallApi, CallPage, FetchedCall } from "../common/call-api.ts";
import { bodyText, isObject } from "../common/json-body.ts";
import { authorization, withoutSlash } from "./api.request.ts";
import { readVapi } from "./read.ts";
import { fetchedCallIn } from "./wire.fields.ts";

/** A call has appeared in the list up to 90 s late, and a report comes up to a minute after the end. */
const SETTLED_MS = 5 * 60_000;

/** Calls come complete with their conversations, so a page has a tenth of Vapi's maximum. */
const PAGE_SIZE = 100;

/** The requests `GET /call` and `GET /call/:id` with the private key. */
export const vapiCalls: CallApi = {
  settledMs: SETTLED_MS,
  pageSize: PAGE_SIZE,
  listRequest({ baseUrl, apiKey }, { by, from, to }) {
    const query = new URLSearchParams({
      limit: String(PAGE_SIZE),
      [`${by === "created" ? "created" : "updated"}AtGe`]: new Date(from).toISOString(),
      [`${by === "created" ? "created" : "updated"}AtLt`]: new Date(to).toISOString(),
    });
    return { url: `${withoutSlash(baseUrl)}/call?${query}`, headers: authorization(apiKey) };
  },
  readList(body) {
    const list = parsed(body);
    if (!Array.isArray(list)) return null;
    const read: (FetchedCall | null)[] = list.map(fetchedCall);
    const calls = read.filter((call) => call !== null);
    return { calls, unreadable: read.length - calls.length } satisfies CallPage;
  },
  callRequest({ baseUrl, apiKey }, providerCallId) {
    const url = `${withoutSlash(baseUrl)}/call/${encodeURIComponent(providerCallId)}`;
    return { url, headers: authorization(apiKey) };
  },
  readCall: (body) => fetchedCall(parsed(body)),
};

function parsed(body: Uint8Array): Json {
  try {
    return JSON.parse(bodyText(body));
  } catch {
    return null;
  }
}

/** In an envelope, a call is read like every delivery, and its stored payload can be read again. */
function fetchedCall(call: Json): FetchedCall | null {
  if (!isObject(call)) return null;
  const { createdAt, updatedAt, endedAt, status } = fetchedCallIn(call);
  if (createdAt === null) return null;
  const read = readVapi(Buffer.from(JSON.stringify({ message: { type: RECONCILED_TYPE, call } })));
  if (read.reads !== "call") return null;
  return {
    createdAt,
    changedAt: updatedAt ?? createdAt,
    hasEnded: status === "ended" || endedAt !== null,
    read,
  };
}
