import { expect, test } from "vitest";
import {
  agent,
  CREDENTIAL,
  EXPECTED,
  examine,
  fieldsOf,
  front,
  OURS,
  RETRIES,
  SERVER,
  server,
} from "../../../test/examined-setup.ts";
import { vapiSetup } from "./vapi-setup.ts";

test("correct settings give no problem, with the URL at any place", () => {
  const bare = { id: "front" };
  const organization = { id: "org", server: SERVER };
  const number = { id: "number-1", assistantId: "front", server: SERVER };
  for (const documents of [
    {},
    { assistants: [bare], organization },
    { assistants: [bare], organization: [organization] },
    { assistants: [bare], numbers: [number] },
    { organization: null, credentials: null },
    server({ url: `${OURS}/?from=vapi` }),
  ]) {
    expect(examine(documents)).toMatchObject({ problems: [], changes: [] });
  }
  expect(examine({ organization: null, credentials: null }).found).toBe(
    "1 assistant, 1 phone number, 0 squads; this key may not read the organization and the credentials",
  );
});

test("all changes of one object are one change, with its existing fields", () => {
  const { changes } = examine({
    ...front({
      server: { url: "https://ledger.test/old", timeoutSeconds: 5, headers: { "x-mine": "s3cret" } },
      serverMessages: ["hang"],
    }),
    organization: { id: "org", server: SERVER },
  });
  expect(changes).toEqual([
    {
      what: "assistant front",
      decision: null,
      action: {
        request: {
          url: "https://api.test/assistant/front",
          headers: { authorization: "Bearer private-key" },
        },
        body: JSON.stringify({
          server: {
            url: OURS,
            timeoutSeconds: 5,
            headers: { "x-mine": "s3cret" },
            credentialId: "credential-1",
            backoffPlan: RETRIES,
          },
          serverMessages: ["hang", "status-update", "end-of-call-report"],
        }),
      },
      difference: [
        { field: "server.url", before: "https://ledger.test/old", after: OURS },
        { field: "server.credentialId", before: "none", after: "credential-1" },
        { field: "server.backoffPlan", before: "none", after: JSON.stringify(RETRIES) },
        {
          field: "serverMessages",
          before: '["hang"]',
          after: '["hang","status-update","end-of-call-report"]',
        },
      ],
    },
  ]);
});

test("the fix to paste has no secret, and says so", () => {
  const { problems } = examine(server({ backoffPlan: null, headers: { "x-mine": "s3cret" } }));
  expect(problems[0]?.next).toBe(
    `curl -X PATCH https://api.test/assistant/front -H "Authorization: Bearer $VAPI_API_KEY" -H "Content-Type: application/json" -d '${JSON.stringify({ server: { ...SERVER, backoffPlan: RETRIES } })}' (add the headers and other fields of its server object: it is replaced as a whole)`,
  );
});

test("a server object whose secret the API does not show is not replaced", () => {
  const old = { url: OURS, backoffPlan: null };
  const { problems, changes } = examine(
    front({ server: old, isServerUrlSecretSet: true, serverMessages: [] }),
  );
  expect(
    problems.map(({ check, next }) => [check, next.includes("its secret, which Vapi does not tell")]),
  ).toEqual([
    ["retries", true],
    ["server_messages", false],
  ]);
  expect(changes.map(({ difference }) => difference.map(({ field }) => field))).toEqual([["serverMessages"]]);
});

test.each(["https://crm.test/hook", `${OURS}/other-account`])(
  "a server object of another URL gets this account's credential with the URL: %s",
  (url) => {
    const { changes } = examine({
      ...server({ url, credentialId: "theirs" }),
      organization: { id: "org", server: SERVER },
      credentials: null,
    });
    expect(changes.map(fieldsOf)).toEqual([{ server: SERVER }]);
  },
);

test("a phone number is changed with its provider, because the API requires it", () => {
  const number = {
    id: "number-1",
    provider: "twilio",
    assistantId: "front",
    server: { url: OURS, credentialId: "c" },
  };
  const { changes } = examine({ assistants: [{ id: "front" }], numbers: [number], credentials: null });
  expect(fieldsOf(changes[0])).toMatchObject({
    provider: "twilio",
    server: { backoffPlan: RETRIES },
  });
});

test("an account that belongs to one organization needs no agents, and its other assistants are checked too", () => {
  const { problems } = examine(
    {
      assistants: [
        { id: "front", server: SERVER },
        { id: "stray", server: { url: "https://a.test" } },
        { id: "neighbour", server: { url: `${OURS}/other-account` } },
      ],
    },
    { ownsAllCalls: true, agents: [] },
  );
  expect(problems.map(({ check, found }) => [check, found.slice(0, 15)])).toEqual([
    ["server_url", "Assistant stray"],
  ]);
});

test("members of a registered squad are checked, and need no agents of their own", () => {
  const { problems } = examine({
    assistants: [{ id: "member", server: { ...SERVER, backoffPlan: null } }],
    squads: [{ id: "front", members: [{ assistantId: "member" }] }],
    numbers: [],
  });
  expect(problems.map(({ check }) => check)).toEqual(["retries"]);
});

test("an agent is missing at Vapi only if all its assistants and squads could be read", () => {
  const others = Array.from({ length: 1_000 }, (_, at) => ({ id: `other-${at}`, server: SERVER }));
  const gone = agent("agent-2", "gone");
  const missing = (documents: object) => {
    const { problems } = examine(documents, { ownsAllCalls: true, agents: [...EXPECTED.agents, gone] });
    return problems.filter(({ check, found }) => check === "agents_at_provider" && found.includes("gone"));
  };
  expect(missing({})).toHaveLength(1);
  expect(missing({ squads: null })).toEqual([]);
  expect(missing({ assistants: others })).toEqual([]);
  expect(examine({ squads: null }).found).toContain("this key may not read the squads");
});

test("deliveries that verify prove the organization's URL, which cannot be read", () => {
  const unread = { ...front({ server: null }), organization: null };
  expect(examine(unread, { hasVerifiedLately: true }).problems).toEqual([]);
});

test("if two credentials are used, none is attached to a third place", () => {
  const { problems, changes } = examine({
    ...server({ credentialId: null }),
    numbers: [{ id: "number-1", assistantId: "front", server: SERVER }],
    organization: { id: "org", server: { ...SERVER, credentialId: "credential-2" } },
    credentials: null,
  });
  expect(problems.map(({ check }) => check)).toEqual(["credential", "credential"]);
  expect(changes).toEqual([]);
});

test("headers of its own are a credential if the account accepts them", () => {
  for (const [headers, expected] of [
    [{ "X-Vapi-Secret": "s" }, 0],
    [{ Authorization: "Bearer s" }, 0],
    [{ "x-other": "s" }, 1],
  ] as const) {
    expect(examine(server({ credentialId: null, headers })).problems).toHaveLength(expected);
  }
  expect(examine(server({ credentialId: null, secret: "s" })).problems).toEqual([]);
});

test("no answer of the API makes it throw; an answer that is not a list is not read", () => {
  const odd = [
    null,
    1,
    "x",
    [[]],
    { id: 7 },
    { id: "front", server: "x", serverMessages: "x", artifactPlan: [] },
  ];
  for (const one of odd) {
    examine({ assistants: [one], numbers: [one], squads: [one], organization: one, credentials: [one] });
  }
  for (const body of ["", "{}", "[", "null"]) {
    const answers = { assistants: Buffer.from(body), numbers: Buffer.from("[]") };
    expect(vapiSetup.examine(answers, EXPECTED, CREDENTIAL)).toBeNull();
  }
});
