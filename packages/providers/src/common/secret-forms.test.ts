import { expect, test } from "vitest";
import { REMOVED, withoutSecrets } from "./payload-secrets.ts";
import { judgeNames } from "./secret-names.ts";

const removalUnder = judgeNames({ secrets: [], signedUrls: [] });
const HEX = "0123456789abcdef0123456789abcdef";

test.each([
  ["a key of Pinecone", `pcsk_0123ab_${HEX}`, REMOVED],
  ["a key of Resend", "re_Ab12Cd34_EfGh56Ij78Kl90MnOp12Qr34", REMOVED],
  ["a key of Replicate", `r8_${HEX}`, REMOVED],
  ["a key of DigitalOcean", `dop_v1_${HEX}`, REMOVED],
  ["a key of Linear", `lin_api_${HEX}`, REMOVED],
  ["a key of Mailgun", `key-${HEX}`, REMOVED],
  ["a token of a Telegram bot", "123456789:AAE9Zq4Lw8Tn2Vb6Xy1Ks3hunter2abcdefgh", REMOVED],
  ["a token of Square", `EAAAl${HEX}${HEX}`, REMOVED],
  ["an account of Twilio with its token", `AC${HEX}:${HEX}`, REMOVED],
  ["a connection string", "Server=x;User=u;Password=hunter2;", `Server=x;User=u;Password=${REMOVED};`],
  ["a command", "curl -s -u bob:hunter2 https://x.test", `curl -s -u bob:${REMOVED} https://x.test`],
  ["a live call", "wss://phone-call-websocket.eu.vapi.ai/c1/listen", "wss://phone-call-websocket.eu.vapi.ai"],
  [
    "a webhook of an own n8n",
    `https://n8n.x.test/webhook/1b2c3d4e-aaaa-bbbb-cccc-1234567890ab`,
    "https://n8n.x.test/webhook",
  ],
  [
    "a private calendar",
    "https://calendar.google.com/calendar/ical/a%40b/private-a1b2/basic.ics",
    "https://calendar.google.com/calendar/ical",
  ],
])("removes %s", (_what, secret, left) => {
  expect(withoutSecrets({ note: `see ${secret}` }, removalUnder)).toEqual({ note: `see ${left}` });
});

test.each([
  ["pairs by label", [{ label: "Password", answer: "hunter2" }], [{ label: "Password", answer: REMOVED }]],
  ["pairs by field", [{ field: "api_key", value: "hunter2" }], [{ field: "api_key", value: REMOVED }]],
  ["pairs as lists", [["X-Api-Key", "hunter2"]], [["X-Api-Key", REMOVED]]],
  ["a login", { user: "bob", pass: "hunter2" }, { user: "bob", pass: REMOVED }],
  ["a signature of its own", { hmac: HEX }, { hmac: REMOVED }],
  ["a query without its URL", { sas: `sv=2022&sig=${HEX}` }, { sas: `sv=2022&sig=${REMOVED}` }],
])("removes the value in %s", (_what, value, left) => {
  expect(withoutSecrets(value, removalUnder)).toEqual(left);
});

test.each([
  ["words with such a beginning", { note: "re_schedule_the_appointment_of_may key-holder EAAAsy" }],
  ["the answer to another question", [{ label: "City", answer: "Bern" }]],
  ["a passed test", { user: "bob", pass: true, score: { pass: "yes" } }],
  [
    "a list of two words, and of names of fields",
    { topics: ["password", "billing"], required: ["token", "email"] },
  ],
  ["a person's signature", { signature: "Maria Lopez, clinic" }],
  [
    "a webhook that is verified",
    { url: "https://ledger.x.test/api/webhooks/vapi/1b2c3d4e-aaaa-4bbb-8ccc-1234567890ab" },
  ],
  ["an API's URL of a call", { url: "https://api.vapi.ai/call/1b2c3d4e-aaaa-4bbb-8ccc-1234567890ab" }],
])("keeps %s", (_what, value) => {
  expect(withoutSecrets(value, removalUnder)).toEqual(value);
});
