import type { ConversationItem } from "@call-ledger/contract/calls";
import type { CallRow, Scopes } from "./call-view.ts";
import { callView } from "./call-view.ts";

/** What an answer with all parts of a call is made of. */
export type CallQuestion = {
  readonly row: CallRow;
  readonly scopes: Scopes;
  /** The other fields of the answer to who has a link to the call; `null`: the answer is for a member or a key. */
  readonly link: object | null;
};

/** Returns the body of an answer with all parts of a call, as JSON text. */
export function callAnswer({ row, scopes, link }: CallQuestion): string {
  const view = callView(row, scopes);
  if (link === null) return JSON.stringify(view);
  return JSON.stringify({
    direction: view.direction,
    outcome: view.outcome,
    started_at: view.started_at,
    ended_at: view.ended_at,
    duration_seconds: view.duration_seconds,
    time_zone: view.time_zone,
    customer_number: view.customer_number,
    customer_name: view.customer_name,
    summary: view.summary,
    conversation: (view.conversation ?? []).flatMap(spokenOnly),
    ...link,
  });
}

/** An utterance without its latency. A tool call is left out. */
function spokenOnly(item: ConversationItem) {
  if (item.kind !== "speech") return [];
  const { latency_ms: _, ...utterance } = item;
  return [utterance];
}
