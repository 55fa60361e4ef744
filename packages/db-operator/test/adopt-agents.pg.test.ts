import { describe, expect, test } from "vitest";
import { A, B, useLegacyDatabase } from "./adoption-under-test.ts";

const legacy = useLegacyDatabase({ whole: true });
const id = (number: number) => `cccccccc-0000-4000-8000-${String(number).padStart(12, "0")}`;

test("agents keep the numbers that they answered, except those of two organizations", async () => {
  await legacy.root`update agents set vapi_phone_number_id = 'shared', role = 'inbound'`;
  await legacy.root`insert into agents (id, org_id, name, role, vapi_assistant_id, vapi_phone_number_id)
    values (${id(1)}, ${A}, 'out', 'outbound', 'asst-out', 'own'), (${id(2)}, ${A}, 'in', 'inbound', 'asst-in', 'own')`;
  await legacy.root`insert into inbound_agent_config (org_id, vapi_assistant_id, twilio_phone_number)
    values (${A}, 'asst-a', '+12025550100'), (${B}, 'asst-b', 'not a number')`;
  const { contestedNumbers } = await legacy.adopt();
  expect(contestedNumbers).toEqual(["shared"]);
  const agents =
    await legacy.root`select provider_agent_id as assistant, provider_phone_number_id as line, phone_number as number
    from agents order by 1`;
  expect(agents.map((agent) => Object.values(agent))).toEqual([
    ["asst-a", null, "+12025550100"],
    ["asst-b", null, null],
    ["asst-in", "own", null],
    ["asst-out", null, null],
  ]);
});

describe("the numbers of the assistants, in inbound_agent_config", () => {
  const numbers = async () =>
    (
      await legacy.root`select provider_agent_id, provider_phone_number_id, phone_number from agents
        where provider_agent_id in ('asst-a', 'asst-b') order by 1`
    ).map((agent) => Object.values(agent));

  test("if they cannot be read, the run is refused", async () => {
    await legacy.root.unsafe(
      "alter table inbound_agent_config enable row level security, force row level security",
    );
    for (const dryRun of [true, false]) {
      await expect(legacy.adopt({ dryRun })).rejects.toThrow(
        /may not read every row of inbound_agent_config.*BYPASSRLS/,
      );
    }
    expect(await legacy.root`select from pg_namespace where nspname = 'adopted'`).toHaveLength(0);
  });

  test("a later run fills in numbers that were missing, and changes no other", async () => {
    await legacy.root`insert into inbound_agent_config (org_id, vapi_assistant_id, twilio_phone_number)
      values (${A}, 'asst-a', 'none'), (${B}, 'asst-b', '+12025550101')`;
    const { columns } = await legacy.adopt();
    expect(columns.inbound_agent_config).toMatchObject({
      read: ["org_id", "twilio_phone_number", "vapi_assistant_id", "vapi_phone_number_id"],
      left: { id: 2, system_prompt: 0, vapi_api_key: 0 },
      unread: { twilio_phone_number: 1 },
    });
    await legacy.root`update inbound_agent_config set vapi_phone_number_id = 'line-' || vapi_assistant_id,
      twilio_phone_number = case when org_id = ${A} then '+12025550100' else '+12025550199' end`;
    await legacy.adopt();
    expect(await numbers()).toEqual([
      ["asst-a", "line-asst-a", "+12025550100"],
      ["asst-b", "line-asst-b", "+12025550101"],
    ]);
  });
});

test("what the application has deleted is adopted, counted, and not live", async () => {
  await legacy.root.unsafe(`alter table organizations add deleted_at timestamptz; alter table agents add deleted_at timestamptz;
    alter table calls add deleted_at timestamptz`);
  await legacy.root`update agents set deleted_at = now() where org_id = ${A}`;
  await legacy.root`update organizations set deleted_at = now() where id = ${B}`;
  const row = {
    org_id: B,
    phone_number: "+12025550143",
    call_date: "2025-06-01T10:00:00",
    status: "completed",
  };
  await legacy.add("calls", { ...row, vapi_call_id: "gone", deleted_at: "2025-06-01T12:00:00Z" });
  await legacy.add("calls", { ...row, vapi_call_id: "there" });
  const foretold = await legacy.adopt({ dryRun: true });
  const result = await legacy.adopt();
  expect(result).toEqual(foretold);
  expect(result.deleted).toEqual({ organizations: 1, agents: 1, calls: 1 });
  const agents =
    await legacy.root`select provider_agent_id as assistant, deleted_at is null as live from agents order by 1`;
  expect(agents.map(({ assistant, live }) => [assistant, live])).toEqual([
    ["asst-a", false],
    ["asst-b", true],
  ]);
  expect(await legacy.root`select from calls where provider_call_id = 'gone'`).toHaveLength(1);
});
