import { MAX_IDENTIFIER_LENGTH } from "@call-ledger/domain";
import type { JsonObject } from "../common/json-body.ts";
import { isObject, parseBody } from "../common/json-body.ts";
import { withoutSecrets } from "../common/payload-secrets.ts";
import { withoutPrompts } from "../common/prompts.ts";
import type { Question, ReadDelivery } from "../common/provider-adapter.ts";
import { unreadBody } from "../common/unread-body.ts";
import { callEventsOf } from "./call-events.ts";
import { isAboutNoCall } from "./callless.ts";
import { isChatter } from "./chatter.ts";
import { spokenIn } from "./dialect.ts";
import { factsOf } from "./facts.ts";
import { withOpenedTexts } from "./opened-texts.ts";
import { questionOf } from "./question.ts";
import { removalUnder } from "./secret.names.ts";

/** Reads a verified body in either dialect. Never throws: a body that cannot be read is stored without its secrets. */
export function readVapi(body: Uint8Array): ReadDelivery {
  const parsed = parseBody(body);
  const json = typeof parsed === "string" ? parsed : withOpenedTexts(parsed);
  if (json === "unparseable" || json === "too_complex") return unreadBody(body, json, removalUnder);
  const spoken = isObject(json) ? spokenIn(json) : null;
  if (spoken === null) {
    const payload = JSON.stringify(withoutSecrets(json, removalUnder));
    return nothingIn("unknown", "unparseable", { waits: true, payload, question: null });
  }
  const { type, message } = spoken;
  if (isChatter(spoken)) return { reads: "chatter", type };
  const question = questionOf(spoken);
  const clean = withoutSecrets(json, removalUnder);
  const providerCallId = message.call.id ?? message.call.callId ?? message.callId ?? message.call_id;
  if (providerCallId === null) {
    const reason = isTooLong(spoken.fields) ? "call_id_too_long" : "no_call";
    const payload = JSON.stringify(clean);
    return nothingIn(type, reason, { waits: !isAboutNoCall(spoken), payload, question });
  }
  // The stored value is read, so that a payload that is read again gives the same.
  const { value, prompts } = withoutPrompts(clean);
  const kept = value !== json && isObject(value) ? (spokenIn(value) ?? spoken) : spoken;
  const events = callEventsOf(kept, spoken.fields);
  const payload = JSON.stringify(value);
  return {
    reads: "call",
    type,
    providerCallId,
    facts: factsOf(kept),
    events,
    payload,
    prompts,
    question,
  };
}

function isTooLong({ call, callId, call_id }: JsonObject): boolean {
  const ids = [...(isObject(call) ? [call.id, call.callId] : [call]), callId, call_id];
  return ids.some((id) => typeof id === "string" && id.trim().length > MAX_IDENTIFIER_LENGTH);
}

function nothingIn(
  type: string,
  reason: "unparseable" | "no_call" | "call_id_too_long",
  kept: { readonly waits: boolean; readonly payload: string; readonly question: Question | null },
): ReadDelivery {
  return { reads: "nothing", type, reason, detail: null, ...kept };
}
