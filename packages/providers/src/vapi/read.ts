import { bodyText, isObject, parseObject } from "../common/json-body.ts";
import { withoutSecrets } from "../common/payload-secrets.ts";
import type { ReadDelivery } from "../common/provider-adapter.ts";
import { textWithoutSecrets } from "../common/text-secrets.ts";
import { callEventsOf } from "./call-events.ts";
import { isChatter } from "./chatter.ts";
import { spokenIn } from "./dialect.ts";
import { factsOf } from "./facts.ts";
import { questionOf } from "./question.ts";
import { removalUnder } from "./secret.names.ts";

/** Reads a verified body in either dialect. Never throws: what cannot be read is stored as it is. */
export function readVapi(body: Uint8Array): ReadDelivery {
  const text = bodyText(body);
  const json = parseObject(text);
  if (json === null) return unparseable(textWithoutSecrets(text, removalUnder));
  const spoken = spokenIn(json);
  if (spoken === null) return unparseable(JSON.stringify(withoutSecrets(json, removalUnder)));
  const { type, message } = spoken;
  if (isChatter(spoken)) return { reads: "chatter", type };
  const question = questionOf(spoken);
  const clean = withoutSecrets(json, removalUnder);
  const payload = JSON.stringify(clean);
  const providerCallId = message.call.id;
  if (providerCallId === null) return { reads: "nothing", type, reason: "no_call", payload, question };
  // What is read is what is stored, so that a payload that is read again says the same.
  const kept = isObject(clean) ? (spokenIn(clean) ?? spoken) : spoken;
  const events = callEventsOf(kept, spoken.fields);
  return { reads: "call", type, providerCallId, facts: factsOf(kept.message), events, payload, question };
}

function unparseable(payload: string): ReadDelivery {
  return { reads: "nothing", type: "unknown", reason: "unparseable", payload, question: null };
}
