import { beforeAll, beforeEach, expect, test } from "vitest";
import { ENCRYPTION_KEY } from "../harness/access.ts";
import type { ApiRequest } from "../harness/people.ts";
import { askApi, signIn } from "../harness/people.ts";
import { useApi } from "../harness/use-api.ts";

const SLACK = { kind: "slack", url: "https://hooks.slack.com/services/T000/B000/aSecretPath" } as const;

let admin: object;

const { ledger, api } = useApi({ ENCRYPTION_KEY, WORKER: "off" });

beforeAll(async () => {
  admin = await signIn(api, ledger, "admin");
});

beforeEach(async () => {
  await ledger.sql`delete from alert_deliveries`;
  await ledger.sql`delete from alert_channels where kind <> 'log'`;
});

const ask = (...request: ApiRequest) => askApi(api, ...request);

test("202 queues one test message, for that channel alone", async () => {
  const { json } = await ask(admin, "POST", "/alert-channels", { settings: SLACK });
  await ask(admin, "POST", "/alert-channels", { settings: SLACK });
  const tested = await ask(admin, "POST", `/alert-channels/${json.id}/test`);
  expect(tested.status).toBe(202);
  const queued = await ledger.sql`select id, channel_id, news from alert_deliveries`;
  expect(queued).toEqual([{ id: tested.json.message_id, channel_id: json.id, news: [] }]);
});

test("messages that wait are sent at once after a change of their channel's server, and before a test", async () => {
  const { json } = await ask(admin, "POST", "/alert-channels", { settings: SLACK });
  const other = await ask(admin, "POST", "/alert-channels", { settings: SLACK });
  const [id, otherId] = [String(json.id), String(other.json.id)];
  const wait = () => ledger.sql`update alert_deliveries
    set next_attempt_at = now() + interval '10 minutes', attempts = 9, lease_token = null`;
  const due = async () => {
    // The api may have tried a due message by now.
    const rows = await ledger.sql`
      select channel_id from alert_deliveries where next_attempt_at <= now() or attempts not in (0, 9)`;
    return rows.map((row) => row.channel_id);
  };
  await ledger.sql`insert into alert_deliveries (channel_id, news, attempts)
    values (${id}, '[]', 9), (${otherId}, '[]', 9)`;
  await wait();
  await ask(admin, "PATCH", `/alert-channels/${id}`, { name: "Pager" });
  expect(await due()).toEqual([]);
  const settings = { ...SLACK, url: "https://hooks.slack.com/services/another" };
  await ask(admin, "PATCH", `/alert-channels/${id}`, { settings });
  expect(await due()).toEqual([id]);
  await wait();
  await ask(admin, "POST", `/alert-channels/${otherId}/test`);
  expect(await due()).toEqual([otherId, otherId]);
});
