import type { JsonObject } from "../common/json-body.ts";
import { bodyText, parseObject } from "../common/json-body.ts";
import { once } from "../common/once.ts";
import { withoutSecrets } from "../common/payload-secrets.ts";
import type { ReadDelivery } from "../common/provider-adapter.ts";
import { textWithoutSecrets } from "../common/text-secrets.ts";
import { callEventsOf } from "./call-events.ts";
import { isChatter } from "./chatter.ts";
import { spokenIn } from "./dialect.ts";
import { factsOf } from "./facts.ts";
import { questionOf } from "./question.ts";
import { removalUnder } from "./secret.names.ts";

type BookableDelivery = Extract<ReadDelivery, { readonly reads: "call" }>;

/** Reads a verified body in either dialect. Never throws: what cannot be read is stored as it is. */
export function readVapi(body: Uint8Array): ReadDelivery {
  const text = bodyText(body);
  const json = parseObject(text);
  const spoken = json === null ? null : spokenIn(json);
  const cleaned = once(() => (json === null ? textWithoutSecrets(text, removalUnder) : payloadOf(json)));
  if (spoken === null) {
    return { reads: "nothing", type: "unknown", reason: "unparseable", payload: cleaned(), question: null };
  }
  const { type, message } = spoken;
  if (isChatter(spoken)) return { reads: "chatter", type };
  const question = questionOf(spoken);
  const providerCallId = message.call.id;
  if (providerCallId === null) {
    return { reads: "nothing", type, reason: "no_call", payload: cleaned(), question };
  }
  const facts = factsOf(message);
  return withPayload(
    { reads: "call", type, providerCallId, facts, events: callEventsOf(spoken), question },
    cleaned,
  );
}

/** Made here, because a getter holds on to everything around it: the body would outlive its payload. */
function withPayload(read: Omit<BookableDelivery, "payload">, payload: () => string): BookableDelivery {
  return {
    ...read,
    get payload() {
      return payload();
    },
  };
}

function payloadOf(json: JsonObject): string {
  return JSON.stringify(withoutSecrets(json, removalUnder));
}
