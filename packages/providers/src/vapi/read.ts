import type { JsonObject } from "../common/json-body.ts";
import { bodyText, parseObject } from "../common/json-body.ts";
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
  if (spoken === null) return unparseable(payloadOf(json));
  const { type, message } = spoken;
  if (isChatter(spoken)) return { reads: "chatter", type };
  const question = questionOf(spoken);
  const payload = payloadOf(json);
  const providerCallId = message.call.id;
  if (providerCallId === null) return { reads: "nothing", type, reason: "no_call", payload, question };
  const facts = factsOf(message);
  return { reads: "call", type, providerCallId, facts, events: callEventsOf(spoken), payload, question };
}

function unparseable(payload: string): ReadDelivery {
  return { reads: "nothing", type: "unknown", reason: "unparseable", payload, question: null };
}

function payloadOf(json: JsonObject): string {
  return JSON.stringify(withoutSecrets(json, removalUnder));
}
