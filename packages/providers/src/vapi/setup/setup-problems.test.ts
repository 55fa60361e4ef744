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

/** `safe`: changed after one question. `asked`: a person decides about the change. `left`: there is no change. */
type Fixed = "safe" | "asked" | "left";

test.each<[string, string, Documents, Partial<ExpectedSetup>, string, Fixed]>([
  ["no URL anywhere", "server_url", front({ server: null }), {}, "nothing is sent", "safe"],
  [
    "no URL of its own, and the organization's cannot be read",
    "server_url",
    { ...front({ server: null }), organization: null },
    {},
    "may not read",
    "left",
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
    "asked",
  ],
  [
    "another path of this host",
    "server_url",
    server({ url: "https://ledger.test/webhook" }),
    {},
    "/webhook",
    "safe",
  ],
  ["http", "server_url", server({ url: OURS.replace("https", "http") }), {}, "http://ledger.test", "safe"],
  ["another host", "server_url", server({ url: "https://a.test/s3cret" }), {}, "sends to a.test,", "asked"],
  [
    "another port of this host",
    "server_url",
    server({ url: "https://ledger.test:8443/s3cret" }),
    {},
    "sends to ledger.test:8443,",
    "asked",
  ],
  ["no URL at all", "server_url", server({ url: "s3cret" }), {}, "sends to no URL", "asked"],
  ["our other account", "server_url", server({ url: `${OURS}/other-account` }), {}, "other-account", "asked"],
  [
    "the assistant's URL hides the organization's",
    "server_url_shadowed",
    { ...server({ url: "https://a.test" }), organization: { id: "org", server: SERVER } },
    {},
    "takes precedence over the right URL of the organization",
    "asked",
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
    "asked",
  ],
  ["a squad gives its members another", "server_url_shadowed", OVERRIDDEN, {}, "Squad front", "left"],
  [
    "a number without an assistant has no server to ask",
    "server_url",
    { numbers: [{ id: "number-1" }] },
    {},
    "calls to it fail",
    "safe",
  ],
  [
    "no credential, and none to attach",
    "credential",
    { ...server({ credentialId: null }), credentials: [] },
    {},
    "no credential",
    "left",
  ],
  [
    "no credential, and another place has one",
    "credential",
    { ...server({ credentialId: null }), organization: { id: "org", server: SERVER } },
    {},
    "Assistant front sends no credential",
    "safe",
  ],
  [
    "a credential that is gone",
    "credential",
    server({ credentialId: "gone" }),
    {},
    "none of this id",
    "left",
  ],
  [
    "an algorithm that is not accepted",
    "credential",
    { credentials: [{ id: "credential-1", authenticationPlan: { ...PLAN, algorithm: "sha512" } }] },
    {},
    "hmac sha512 hex over {timestamp}.{body} in header x-vapi-signature",
    "left",
  ],
  [
    "a bearer credential, and only signatures are accepted",
    "credential",
    { credentials: [{ id: "credential-1", authenticationPlan: { type: "bearer" } }] },
    { verification: { auth: "hmac" } },
    "bearer in header authorization",
    "left",
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
    "left",
  ],
  ["no retries", "retries", server({ backoffPlan: undefined }), {}, "does not send again", "safe"],
  [
    "retries of nothing",
    "retries",
    server({ backoffPlan: { ...RETRIES, maxRetries: 0 } }),
    {},
    "backoffPlan",
    "safe",
  ],
  [
    "no reports",
    "server_messages",
    front({ serverMessages: ["status-update", "hang"] }),
    {},
    "does not send end-of-call-report",
    "safe",
  ],
  [
    "no recording",
    "recording",
    front({ artifactPlan: { recordingEnabled: false } }),
    {},
    "does not record",
    "asked",
  ],
  [
    "no recording, as it was said",
    "recording",
    front({ recordingEnabled: false }),
    {},
    "does not record",
    "asked",
  ],
  ["HIPAA", "recording", front({ compliancePlan: { hipaaEnabled: true } }), {}, "HIPAA", "asked"],
  [
    "an inline assistant",
    "recording",
    { squads: [{ id: "front", members: [{ assistant: { model: {} } }] }] },
    {},
    "inline assistants",
    "left",
  ],
  [
    "a backlog",
    "retention",
    {},
    { backlogMs: 13.5 * 86_400_000 },
    "Vapi keeps a call for 14 days, and the oldest one that waits",
    "left",
  ],
  [
    "a backlog on a plan that keeps calls for a week",
    "retention",
    { organization: { id: "org", subscription: { callRetentionDays: 7 } } },
    { backlogMs: 6.5 * 86_400_000 },
    "for 7 days",
    "left",
  ],
  [
    "a backlog on a plan that keeps calls for longer than they are compared",
    "retention",
    { organization: { id: "org", subscription: { callRetentionDays: 30 } } },
    { backlogMs: 20 * 86_400_000 },
    "Calls are compared, and their recordings fetched, for 14 days",
    "left",
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
    "left",
  ],
  [
    "a number with an assistant and a squad",
    "phone_numbers",
    { numbers: [{ id: "number-1", assistantId: "front", squadId: "squad-1" }] },
    {},
    "has assistantId and squadId",
    "asked",
  ],
  [
    "a number that another assistant answers",
    "phone_numbers",
    { assistants: [{ id: "front", server: SERVER }], numbers: [{ id: "number-1", assistantId: "back" }] },
    {},
    "answered by back at Vapi, and is registered here for front",
    "asked",
  ],
])("%s", (_what, check, documents, expected, said, fixed) => {
  const { problems, changes } = examine(documents, expected);
  expect(problems).toEqual([{ check, found: expect.stringContaining(said), next: expect.any(String) }]);
  const kinds = changes.map(({ decision }): Fixed => (decision === null ? "safe" : "asked"));
  expect(kinds).toEqual(fixed === "left" ? [] : [fixed]);
  expect(vapiSetup.checks.map(({ id }) => id)).toContain(check);
  expect(JSON.stringify(problems)).not.toMatch(/s3cret|private-key|Be kind|202555/);
});
