import { NO_FACTS } from "@call-ledger/domain";
import { expect, test } from "vitest";
import { agent, examine, OURS, SERVER } from "../../../test/examined-setup.ts";

const FRONT = { id: "front", server: SERVER };
const ELSEWHERE = { url: "https://crm.test/hook" };

test("if none of the account's agents is at Vapi, the key is doubted, and nothing else is said or changed", () => {
  const theirs = { id: "theirs", server: null };
  for (const ownsAllCalls of [false, true]) {
    const examined = examine(
      { assistants: [theirs], numbers: [{ id: "number-2", assistantId: "theirs" }] },
      { ownsAllCalls },
    );
    expect(examined).toMatchObject({ problems: [], changes: [] });
    expect(examined.doubt).toBe(
      "None of this account's agents (1) is at Vapi: the API key may be that of another Vapi organization.",
    );
  }
});

test.each([
  ["an agent is there", { assistants: [FRONT, { id: "theirs" }] }],
  ["an agent is there, as a squad", { assistants: [], numbers: [], squads: [{ id: "front", members: [] }] }],
  ["an agent's number is there", { assistants: [] }],
  ["the squads cannot be read", { assistants: [], numbers: [], squads: null }],
])("the key is not doubted if %s", (_, documents) => {
  expect(examine(documents).doubt).toBeNull();
});

test("the key of an account without agents is not doubted", () => {
  expect(examine({ assistants: [{ id: "theirs" }] }, { agents: [] }).doubt).toBeNull();
});

test("an agent that is not there is named if another one is", () => {
  const { problems } = examine(
    {},
    { agents: [agent("agent-1", "front"), agent("agent-2", "gone")], ownsAllCalls: true },
  );
  expect(problems).toEqual([
    {
      check: "agents_at_provider",
      found: "Agent agent-2 is registered for gone, which is no assistant and no squad at Vapi.",
      next: expect.stringContaining("agent remove agent-2"),
    },
  ]);
});

test.each([
  ["its own", { assistants: [FRONT, { id: "stray", server: ELSEWHERE }] }],
  ["our other account's", { assistants: [FRONT, { id: "stray", server: { url: `${OURS}/other-account` } }] }],
  [
    "the organization's",
    { assistants: [FRONT, { id: "stray" }], organization: { id: "org", server: ELSEWHERE } },
  ],
])("an assistant of no organization that sends elsewhere, by %s URL, is no problem", (_, documents) => {
  const { problems, found } = examine(documents);
  expect(problems).toEqual([]);
  expect(found).toContain("; 1 assistant of no organization sends elsewhere");
});

test.each([
  ["its own URL", { assistants: [FRONT, { id: "stray", server: SERVER }] }],
  [
    "its number's URL",
    {
      assistants: [FRONT, { id: "stray" }],
      numbers: [{ id: "number-2", assistantId: "stray", server: SERVER }],
      organization: { id: "org", server: ELSEWHERE },
    },
  ],
  ["a URL that cannot be read", { assistants: [FRONT, { id: "stray" }], organization: null }],
])("what an assistant of no organization sends here by %s waits in quarantine", (_, documents) => {
  expect(examine(documents).problems.map(({ found }) => found)).toEqual([
    "Assistant stray is no organization's: what is sent of its calls waits in quarantine.",
  ]);
});

test.each([null, { url: "https://ledger.test/old" }])("no URL of this ledger books nothing: %j", (url) => {
  const { problems } = examine({ assistants: [FRONT, { id: "stray", server: url }] });
  expect(problems.map(({ check, found }) => [check, found])).toEqual([
    ["agents_registered", "Assistant stray is no organization's, and nothing of its calls is booked."],
  ]);
});

test("only calls of the account's own agents and numbers are its calls", () => {
  const documents = {
    assistants: [FRONT, { id: "member", server: SERVER }, { id: "stray", server: ELSEWHERE }],
    squads: [{ id: "squad-1", members: [{ assistantId: "member" }] }],
  };
  const agents = [
    { ...agent("agent-1", "front"), providerPhoneNumberId: "number-1", phoneNumber: "+12025550100" },
    agent("agent-2", "squad-1"),
    agent("agent-3", "gone"),
  ];
  const { covers } = examine(documents, { agents });
  const named = (names: string[]) => {
    const [providerAgentId = null, ...agentIds] = names;
    return { ...NO_FACTS, providerAgentId, alsoNamed: { agentIds, phoneNumberIds: [], ourNumbers: [] } };
  };
  for (const id of ["front", "member", "squad-1", "gone"]) expect(covers(named([id]))).toBe(true);
  expect(covers(named(["stray", "front"]))).toBe(true);
  expect(covers({ ...NO_FACTS, providerPhoneNumberId: "number-1" })).toBe(true);
  expect(covers({ ...named(["transient"]), providerPhoneNumberId: "number-1" })).toBe(true);
  // The other system calls from our number.
  expect(covers({ ...named(["stray"]), providerPhoneNumberId: "number-1" })).toBe(false);
  expect(covers({ ...NO_FACTS, ourNumber: "+12025550100" })).toBe(true);
  const alsoNamed = { agentIds: [], phoneNumberIds: [], ourNumbers: ["+12025550100"] };
  expect(covers({ ...NO_FACTS, ourNumber: "sip:+12025550100@x.test", alsoNamed })).toBe(true);
  expect(covers({ ...NO_FACTS, ourNumber: "+12025550199" })).toBe(false);
  expect(covers(named(["stray"]))).toBe(false);
  expect(covers(NO_FACTS)).toBe(false);
});

test("all calls of an organization's own account are its calls, without those of our other accounts", () => {
  const neighbour = { id: "neighbour", server: { url: `${OURS}/other-account` } };
  const { covers } = examine({ assistants: [FRONT, neighbour] }, { ownsAllCalls: true, agents: [] });
  expect(covers(NO_FACTS)).toBe(true);
  expect(covers({ ...NO_FACTS, providerAgentId: "transient" })).toBe(true);
  expect(covers({ ...NO_FACTS, providerAgentId: "neighbour" })).toBe(false);
});
