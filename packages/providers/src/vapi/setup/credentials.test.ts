import { expect, test } from "vitest";
import type { Documents } from "../../../test/examined-setup.ts";
import {
  agent,
  examine,
  fieldsOf,
  front,
  OURS,
  PLAN,
  RETRIES,
  SERVER,
  server,
} from "../../../test/examined-setup.ts";

const PARTS = {
  "an override of all members": (part: object) => ({
    membersOverrides: part,
    members: [{ assistantId: "front" }],
  }),
  "an override of one member": (part: object) => ({
    members: [{ assistantId: "front", assistantOverrides: part }],
  }),
  "an inline member": (part: object) => ({
    members: [{ assistant: { artifactPlan: { recordingEnabled: true }, ...part } }],
  }),
};
const EACH_PART = Object.entries(PARTS);

/** The correct settings, and a registered squad whose part has these fields. */
const squad = (squadWith: (part: object) => object, part: object): Documents => ({
  squads: [{ id: "squad-1", name: "Sales", ...squadWith(part) }],
});
const AGENTS = ["front", "squad-1"].map((id) => agent(`agent-of-${id}`, id));
const examined = (documents: Documents) => examine(documents, { agents: AGENTS });

test.each(EACH_PART)("a squad with the URL in %s needs a credential and retries there", (_, squadWith) => {
  const { problems, changes } = examined(squad(squadWith, { server: { url: OURS } }));
  expect(problems).toEqual([
    {
      check: "credential",
      found:
        'Squad squad-1 "Sales" has a member or an override that sends no credential, so its deliveries get 401.',
      next: 'Set server.credentialId to "credential-1" in each member and override of the squad that has this account\'s URL',
    },
    {
      check: "retries",
      found:
        'Squad squad-1 "Sales" has a member or an override that does not send again what was not accepted (backoffPlan).',
      next: `Set server.backoffPlan to ${JSON.stringify(RETRIES)} in each member and override of the squad that has this account's URL`,
    },
  ]);
  expect(changes).toEqual([]);
});

test.each(EACH_PART)("a squad with all of it in %s has no problem", (_, squadWith) => {
  for (const part of [
    { server: SERVER },
    { server: { url: OURS, backoffPlan: RETRIES, headers: { "X-Vapi-Secret": "s" } } },
    { server: { url: OURS, backoffPlan: RETRIES }, isServerUrlSecretSet: true },
  ]) {
    expect(examined(squad(squadWith, part)).problems).toEqual([]);
  }
});

test("the older spelling of a URL is read in a squad too", () => {
  const { problems } = examined(squad(PARTS["an inline member"], { serverUrl: OURS }));
  expect(problems.map(({ check }) => check)).toEqual(["credential", "retries"]);
});

test("a squad with another credential is one of two, and then none is attached to a third place", () => {
  const other = squad(PARTS["an override of one member"], {
    server: { ...SERVER, credentialId: "credential-2" },
  });
  const organization = { id: "org", server: { ...SERVER, credentialId: null } };
  const { problems, changes } = examined({ ...other, organization, credentials: null });
  expect(problems.map(({ check, found }) => [check, found])).toEqual([
    ["credential", "Organization org sends no credential, so its deliveries get 401."],
    ["credential", expect.stringContaining("(credential-1, credential-2)")],
  ]);
  expect(changes).toEqual([]);
});

test("a credential that nothing uses with this URL is offered, and not attached", () => {
  const elsewhere = { id: "crm", server: { url: "https://crm.test", credentialId: "credential-1" } };
  const offered = examine({
    assistants: [{ id: "front", server: { ...SERVER, credentialId: null } }, elsewhere],
  });
  const [problem] = offered.problems.filter(({ check }) => check === "credential");
  expect(problem?.next).toContain("If credential credential-1 has this account's secret: curl -X PATCH ");
  expect(problem?.next).toContain('"credentialId":"credential-1"');
  expect(offered.changes.map(({ decision }) => decision)).toEqual([
    "Say yes only if credential credential-1 has this account's secret.",
  ]);
  // No other change attaches it either.
  for (const fields of [{ server: null }, { server: { ...SERVER, credentialId: null, backoffPlan: null } }]) {
    const [change, ...others] = examine(front(fields)).changes.filter(({ decision }) => decision === null);
    expect(others).toEqual([]);
    expect(fieldsOf(change).server).not.toHaveProperty("credentialId", "credential-1");
  }
});

test("of two credentials that nothing uses, none is offered", () => {
  const credentials = ["credential-1", "credential-2"].map((id) => ({ id, authenticationPlan: PLAN }));
  const { problems, changes } = examine({ ...server({ credentialId: null }), credentials });
  expect(problems[0]?.next).toContain("Create an HMAC credential with the account's secret");
  expect(problems[0]?.next).toContain('"credentialId":"CREDENTIAL_ID"');
  expect(changes).toEqual([]);
});
