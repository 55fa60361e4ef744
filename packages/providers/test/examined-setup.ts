import type { ExaminedSetup, ExpectedSetup, SetupChange } from "../src/common/setup-api.ts";
import { vapiSetup } from "../src/vapi/setup/vapi-setup.ts";

export const CREDENTIAL = { baseUrl: "https://api.test/", apiKey: "private-key" };
export const OURS = "https://ledger.test/api/webhooks/vapi";
export const RETRIES = { type: "exponential", maxRetries: 10, baseDelaySeconds: 10 };
export const SERVER = { url: OURS, credentialId: "credential-1", backoffPlan: RETRIES };
export const PLAN = {
  type: "hmac",
  algorithm: "sha256",
  signatureHeader: "x-vapi-signature",
  timestampHeader: "x-vapi-timestamp",
};

export const EXPECTED: ExpectedSetup = {
  webhookUrl: OURS,
  otherWebhookUrls: [`${OURS}/other-account`],
  verification: null,
  agents: [{ ...agent("agent-1", "front"), providerPhoneNumberId: "number-1" }],
  ownsAllCalls: false,
  onlyOrganization: null,
  backlogMs: 0,
  hasVerifiedLately: false,
  program: "ops",
};

/** An account with correct settings, with the URL on the assistant. */
const RIGHT: Documents = {
  assistants: [
    { id: "front", name: "Front desk", server: SERVER, model: { messages: [{ content: "Be kind." }] } },
  ],
  numbers: [{ id: "number-1", provider: "twilio", number: "+12025550100", assistantId: "front" }],
  squads: [],
  organization: { id: "org", server: null },
  credentials: [{ id: "credential-1", authenticationPlan: PLAN }],
};
export type Documents = Partial<
  Record<"assistants" | "numbers" | "squads" | "organization" | "credentials", unknown>
>;

/** Examines the correct settings with these documents instead of their own. */
export function examine(documents: Documents, expected: Partial<ExpectedSetup> = {}): ExaminedSetup {
  const answers = Object.fromEntries(
    Object.entries({ ...RIGHT, ...documents }).map(([name, document]) => [
      name,
      document === null ? null : Buffer.from(JSON.stringify(document)),
    ]),
  );
  const examined = vapiSetup.examine(answers, { ...EXPECTED, ...expected }, CREDENTIAL);
  if (examined === null) throw new Error("not read");
  return examined;
}

/** Returns the fields that a change at the provider sets. */
export function fieldsOf(change: SetupChange | undefined) {
  return change !== undefined && "body" in change.action ? JSON.parse(change.action.body) : null;
}

export function agent(id: string, providerAgentId: string): ExpectedSetup["agents"][number] {
  return { id, providerAgentId, providerPhoneNumberId: null, phoneNumber: null };
}
export const front = (fields: object) => ({ assistants: [{ id: "front", server: SERVER, ...fields }] });
export const server = (fields: object) => front({ server: { ...SERVER, ...fields } });
