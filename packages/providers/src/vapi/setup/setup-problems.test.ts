import { expect, test } from "vitest";
import type { Documents } from "../../../test/examined-setup.ts";
import { examine, front, OURS, PLAN, RETRIES, SERVER, server } from "../../../test/examined-setup.ts";
import type { ExpectedSetup } from "../../common/setup-api.ts";
import { vapiSetup } from "./vapi-setup.ts";

const OVERRIDDEN = {
  assistants: [],
  numbers: [],
  squads: [
    {
      id: "front",
      members: [{ assistantId: "x", assistantOverrides: { server: { url: "https://a.test" } } }],
    },
  ],
};

test.each<[string, string, Documents, Partial<ExpectedSetup>, string, boolean]>([
  ["no URL anywhere", "server_url", front({ server: null }), {}, "nothing is sent", true],
  [
    "no URL of its own, and the organization's cannot be read",
    "server_url",
    { ...front({ server: null }), organization: null },
    {},
    "may not read",
    false,
  ],
  [
    "the organization's URL is another host",
    "server_url",
    {
      ...front({ server: null }),
      organization: { id: "org", server: { url: "https://a.test/hook?key=s3cret" } },
    },
    {},
    "Organization org sends to a.test,",
    false,
  ],
  [
    "another path of this host",
    "server_url",
    server({ url: "https://ledger.test/webhook" }),
    {},
    "/webhook",
    true,
  ],
  ["http", "server_url", server({ url: OURS.replace("https", "http") }), {}, "http://ledger.test", true],
  ["another host", "server_url", server({ url: "https://a.test/s3cret" }), {}, "sends to a.test,", false],
  [
    "another port of this host",
    "server_url",
    server({ url: "https://ledger.test:8443/s3cret" }),
    {},
    "sends to ledger.test:8443,",
    false,
  ],
  ["no URL at all", "server_url", server({ url: "s3cret" }), {}, "sends to no URL", false],
  ["our other account", "server_url", server({ url: `${OURS}/other-account` }), {}, "other-account", false],
  [
    "the assistant's URL hides the organization's",
    "server_url_shadowed",
    { ...server({ url: "https://a.test" }), organization: { id: "org", server: SERVER } },
    {},
    "takes precedence over the right URL of the organization",
    false,
  ],
  [
    "the number's URL hides the organization's",
    "server_url_shadowed",
    {
      assistants: [{ id: "front" }],
      numbers: [{ id: "number-1", server: { url: "https://a.test" } }],
      organization: { id: "org", server: SERVER },
    },
    {},
    "Phone number number-1 sends to a.test",
    false,
  ],
  ["a squad gives its members another", "server_url_shadowed", OVERRIDDEN, {}, "Squad front", false],
  [
    "a number without an assistant has no server to ask",
    "server_url",
    { numbers: [{ id: "number-1" }] },
    {},
    "calls to it fail",
    true,
  ],
  [
    "no credential, and none to attach",
    "credential",
    { ...server({ credentialId: null }), credentials: [] },
    {},
    "no credential",
    false,
  ],
  [
    "no credential, and another place has one",
    "credential",
    { ...server({ credentialId: null }), organization: { id: "org", server: SERVER } },
    {},
    "Assistant front sends no credential",
    true,
  ],
  ["a credential that is gone", "credential", server({ credentialId: "gone" }), {}, "none of this id", false],
  [
    "an algorithm that is not accepted",
    "credential",
    { credentials: [{ id: "credential-1", authenticationPlan: { ...PLAN, algorithm: "sha512" } }] },
    {},
    "hmac sha512 hex over {timestamp}.{body} in header x-vapi-signature",
    false,
  ],
  [
    "a bearer credential, and only signatures are accepted",
    "credential",
    { credentials: [{ id: "credential-1", authenticationPlan: { type: "bearer" } }] },
    { verification: { auth: "hmac" } },
    "bearer in header authorization",
    false,
  ],
  [
    "two credentials",
    "credential",
    {
      organization: { id: "org", server: { ...SERVER, credentialId: "credential-2" } },
      credentials: null,
    },
    {},
    "Different credentials are used (credential-2, credential-1)",
    false,
  ],
  ["no retries", "retries", server({ backoffPlan: undefined }), {}, "does not send again", true],
  [
    "retries of nothing",
    "retries",
    server({ backoffPlan: { ...RETRIES, maxRetries: 0 } }),
    {},
    "backoffPlan",
    true,
  ],
  [
    "no reports",
    "server_messages",
    front({ serverMessages: ["status-update", "hang"] }),
    {},
    "does not send end-of-call-report",
    true,
  ],
  [
    "no recording",
    "recording",
    front({ artifactPlan: { recordingEnabled: false } }),
    {},
    "does not record",
    false,
  ],
  [
    "no recording, as it was said",
    "recording",
    front({ recordingEnabled: false }),
    {},
    "does not record",
    false,
  ],
  ["HIPAA", "recording", front({ compliancePlan: { hipaaEnabled: true } }), {}, "HIPAA", false],
  [
    "an inline assistant",
    "recording",
    { squads: [{ id: "front", members: [{ assistant: { model: {} } }] }] },
    {},
    "inline assistants",
    false,
  ],
  [
    "a backlog",
    "retention",
    {},
    { backlogMs: 13.5 * 86_400_000 },
    "Vapi keeps a call for 14 days, and the oldest one that waits",
    false,
  ],
  [
    "a backlog on a plan that keeps calls for a week",
    "retention",
    { organization: { id: "org", subscription: { callRetentionDays: 7 } } },
    { backlogMs: 6.5 * 86_400_000 },
    "for 7 days",
    false,
  ],
  [
    "a backlog on a plan that keeps calls for longer than they are compared",
    "retention",
    { organization: { id: "org", subscription: { callRetentionDays: 30 } } },
    { backlogMs: 20 * 86_400_000 },
    "Calls are compared, and their recordings fetched, for 14 days",
    false,
  ],
  [
    "an assistant that nobody registered",
    "agents_registered",
    {
      assistants: [
        { id: "front", server: SERVER },
        { id: "stray", name: "Stray" },
      ],
    },
    {},
    'Assistant stray "Stray" is no organization',
    false,
  ],
  [
    "a number with an assistant and a squad",
    "phone_numbers",
    { numbers: [{ id: "number-1", assistantId: "front", squadId: "squad-1" }] },
    {},
    "has assistantId and squadId",
    false,
  ],
  [
    "a number that another assistant answers",
    "phone_numbers",
    { assistants: [{ id: "front", server: SERVER }], numbers: [{ id: "number-1", assistantId: "back" }] },
    {},
    "answered by back at Vapi, and is registered here for front",
    false,
  ],
])("%s", (_what, check, documents, expected, said, isFixed) => {
  const { problems, changes } = examine(documents, expected);
  expect(problems).toEqual([{ check, found: expect.stringContaining(said), next: expect.any(String) }]);
  expect(changes.length > 0).toBe(isFixed);
  expect(vapiSetup.checks.map(({ id }) => id)).toContain(check);
  expect(JSON.stringify(problems)).not.toMatch(/s3cret|private-key|Be kind|202555/);
});
