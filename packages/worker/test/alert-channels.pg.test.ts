import { randomBytes, randomUUID } from "node:crypto";
import type { ChannelSettings } from "@call-ledger/contract/alerts";
import { alertNoticeSchema } from "@call-ledger/contract/alerts";
import { secretBox } from "@call-ledger/credentials";
import { status } from "@call-ledger/testkit/http";
import type { MailHost } from "@call-ledger/testkit/mail";
import { mailHost } from "@call-ledger/testkit/mail";
import { until } from "@call-ledger/testkit/process";
import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Network } from "../src/egress/network.ts";
import { systemNetwork } from "../src/egress/network.ts";
import type { Worker } from "../src/start/index.ts";
import { workerFor } from "./harness/running-worker.ts";
import { useSetting } from "./harness/use-setting.ts";

/*
 * Tests with real workers, a real mail server, and a server that receives POSTs over TLS.
 */

const ENCRYPTION_KEY = randomBytes(32).toString("base64");
const SECRET = `whsec_${randomBytes(32).toString("base64")}`;
const USER = { name: "ledger", password: "a p@ss:word" };
const NUMBER = "+12025550143";

type Posted = { readonly headers: Record<string, string>; readonly body: string };

let mail: MailHost;
let otherOrg: string;
let workers: (Worker & { readonly lines: string[] })[] = [];
const posted: Record<"/slack" | "/hook", Posted[]> = { "/slack": [], "/hook": [] };
const hosts: string[] = [];

const setting = useSetting();

beforeAll(async () => {
  mail = await mailHost(setting.certificate, USER);
  hosts.push(setting.host.testHost, mail.testHost);
  otherOrg = randomUUID();
  await setting.calls.sql`insert into organizations (id, name) values (${otherOrg}, 'next door')`;
});

afterAll(async () => {
  await mail.stop();
});

beforeEach(async () => {
  const { sql } = setting.calls;
  await sql`delete from alarms`;
  await sql`delete from alert_deliveries`;
  await sql`delete from alert_channels where kind <> 'log'`;
  await sql`delete from calls`;
  await sql`delete from housekeeping_runs`;
  mail.refuse(null);
  mail.refuseReceiver(null);
  for (const path of ["/slack", "/hook"] as const) {
    posted[path].length = 0;
    setting.host.answer(path, async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      posted[path].push({
        headers: Object.fromEntries(
          Object.entries(request.headersDistinct).map(([name, [value = ""] = []]) => [name, value]),
        ),
        body,
      });
      response.writeHead(200).end("ok");
    });
  }
});

afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop(2_000)));
  workers = [];
});

async function addChannel(settings: ChannelSettings, orgId: string | null = null): Promise<string> {
  const id = randomUUID();
  const sealed = secretBox(ENCRYPTION_KEY).seal(JSON.stringify(settings), {
    channelId: id,
    use: "alert channel",
  });
  await setting.calls.sql`insert into alert_channels (id, org_id, kind, host, settings)
    values (${id}, ${orgId}, ${settings.kind}, 'localhost', ${sealed})`;
  return id;
}

const slack = (): ChannelSettings => ({ kind: "slack", url: setting.host.url("/slack") });
const hook = (): ChannelSettings => ({ kind: "webhook", url: setting.host.url("/hook"), secret: SECRET });
const email = (port = mail.port): ChannelSettings => ({
  kind: "email",
  smtp: `smtp://${USER.name}:${encodeURIComponent(USER.password)}@localhost:${port}`,
  from: "ledger@example.com",
  to: ["dana@example.com", "kim@example.com"],
});

/** Starts two workers that look often. */
function startWorkers(allowed: readonly string[] = hosts, network: Network = systemNetwork): void {
  workers = [1, 2].map(() =>
    workerFor(setting, {
      network,
      config: { ENCRYPTION_KEY, ALERT_HOSTS: allowed },
      timing: { alarmSeconds: 1, alertPollMs: 50 },
    }),
  );
}

/** Creates six overdue calls of the organization, with a caller's number. */
async function overdueCalls(): Promise<void> {
  const { sql, orgId } = setting.calls;
  await sql`insert into calls (org_id, id, provider, provider_account_id, provider_call_id, attention, customer_number)
    select ${orgId}, gen_random_uuid(), 'vapi', (select id from provider_accounts limit 1), 'c' || n, '{stuck}', ${NUMBER}
    from generate_series(1, 6) n`;
}

const taken = (channelId: string) => setting.calls.sql`
  select status, attempts, last_error from alert_deliveries where channel_id = ${channelId} order by created_at`;

test("each channel gets one message when an alarm opens, even with two workers, and no message contains a number or a name", async () => {
  await Promise.all([addChannel(slack()), addChannel(hook()), addChannel(email())]);
  // Names that a server could obey.
  const obeyed = "<!channel> *Northgate*\r\nBcc: x@evil.test";
  await setting.calls.sql`update alert_channels set name = ${obeyed}`;
  await setting.calls.sql`update organizations set name = ${obeyed}`;
  await setting.calls.sql`update provider_accounts set name = ${obeyed}`;
  await overdueCalls();
  startWorkers();
  await until(
    () => posted["/slack"].length > 0 && posted["/hook"].length > 0 && mail.mails.length > 0,
    "all are told",
  );
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect([posted["/slack"].length, posted["/hook"].length, mail.mails.length]).toEqual([1, 1, 1]);

  const { text } = JSON.parse(posted["/slack"][0]?.body ?? "");
  expect(text).toContain("6 calls have no end or no report.");
  expect(text).toContain("docs/runbooks/calls-overdue.md");

  const [hooked] = posted["/hook"];
  const notice = alertNoticeSchema.parse(
    new Webhook(SECRET).verify(hooked?.body ?? "", hooked?.headers ?? {}),
  );
  expect(notice).toMatchObject({
    type: "alarms",
    data: { alarms: [{ change: "opened", condition: "calls_overdue", figures: { calls: 6 } }] },
  });

  const [letter] = mail.mails;
  expect(letter).toMatchObject({
    user: USER.name,
    secure: true,
    to: ["dana@example.com", "kim@example.com"],
  });
  expect(letter?.content).toContain("Subject: [call-ledger] ALARM: calls_overdue");
  const logged = workers.flatMap(({ lines }) => lines).filter((line) => line.startsWith("Alarm opened"));
  expect(logged).toHaveLength(1);

  const everything = [JSON.stringify(posted), letter?.content, ...logged].join();
  expect(everything).not.toContain(NUMBER.slice(3));
  expect(everything).not.toMatch(/northgate|<!channel>|evil/i);
});

test("an organization's channel gets the alarms of its own organization only", async () => {
  const own = await addChannel(slack(), setting.calls.orgId);
  const other = await addChannel(hook(), otherOrg);
  await overdueCalls();
  startWorkers();
  await until(() => posted["/slack"].length === 1, "the organization is told");
  // The channel has the message before the worker has noted its delivery.
  await expect.poll(() => taken(own), { timeout: 10_000 }).toMatchObject([{ status: "sent" }]);
  expect(await taken(other)).toEqual([]);
});

test("messages to a channel that is down are tried again in order, and the log says so", async () => {
  const id = await addChannel(slack());
  setting.host.answer("/slack", status(503));
  const { sql } = setting.calls;
  await overdueCalls();
  startWorkers();
  await until(async () => (await taken(id))[0]?.attempts === 1, "it was tried");
  const says = "An alert channel refuses a message. It is sent again later.";
  await until(
    () => workers.some(({ lines }) => lines.some((line) => line.startsWith(says))),
    "the log says so",
  );
  const [channel] = await sql`select failing_since, last_error from alert_channels where id = ${id}`;
  expect(channel).toMatchObject({ failing_since: expect.any(Date), last_error: "the answer was HTTP 503" });
  const [first] = await taken(id);
  expect(first).toMatchObject({ status: "pending", last_error: "the answer was HTTP 503" });

  // A later message waits for the first one.
  await sql`insert into alert_deliveries (channel_id, news) values (${id}, '[]')`;
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await taken(id)).toMatchObject([{ attempts: 1 }, { attempts: 0 }]);

  const bodies: string[] = [];
  setting.host.answer("/slack", async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    bodies.push(JSON.parse(body).text);
    response.writeHead(200).end("ok");
  });
  await sql`update alert_deliveries set next_attempt_at = now() where attempts > 0`;
  await until(() => bodies.length === 2, "both came");
  expect(bodies[0]).toContain("calls_overdue");
  expect(bodies[1]).toContain("This is a test");
  const [back] = await sql`select failing_since, last_error from alert_channels where id = ${id}`;
  expect(back).toEqual({ failing_since: null, last_error: null });
});

test("a server at an unusual port is not contacted unless ALERT_HOSTS names it", async () => {
  const [posts, mails] = await Promise.all([addChannel(slack()), addChannel(email())]);
  await overdueCalls();
  const before = mail.mails.length;
  startWorkers([]);
  const reasons = async () => [...(await taken(posts)), ...(await taken(mails))].map((row) => row.last_error);
  await until(
    async () => (await reasons()).filter((reason) => typeof reason === "string").length === 2,
    "both were refused",
  );
  expect(await reasons()).toEqual([
    "the server's port is not 443",
    `port ${mail.port} is not one of 25, 465, 587, 2525`,
  ]);
  expect([posted["/slack"], mail.mails.length]).toEqual([[], before]);
});

test("a public mail server without TLS receives nothing", async () => {
  const open = await mailHost(setting.certificate, USER, { hasTls: false });
  const id = await addChannel({
    ...email(),
    smtp: "smtp://ledger:secret@mail.example.com",
  } as ChannelSettings);
  await overdueCalls();
  startWorkers([], {
    resolve: async () => ["93.184.216.34"],
    connect: () => systemNetwork.connect("127.0.0.1", open.port),
  });
  await until(async () => (await taken(id))[0]?.last_error ?? false, "it was refused");
  expect(await taken(id)).toMatchObject([
    { last_error: "the server offers no TLS, or its certificate is not valid (SMTP 500)" },
  ]);
  expect(open.mails).toEqual([]);
  await open.stop();
});

test("the error has the code of a mail server's refusal, or says that another encryption key was used", async () => {
  const letters = await addChannel(email());
  mail.refuse(554);
  const { sql } = setting.calls;
  await overdueCalls();
  startWorkers();
  await until(async () => (await taken(letters))[0]?.last_error ?? false, "it was refused");
  expect(await taken(letters)).toMatchObject([{ last_error: "the server refuses the message (SMTP 554)" }]);

  const posts = await addChannel(slack());
  await sql`update alert_channels set settings = settings || '\\x00' where id = ${posts}`;
  await sql`insert into alert_deliveries (channel_id, news) values (${posts}, '[]')`;
  await until(async () => (await taken(posts))[0]?.last_error ?? false, "it cannot be read");
  expect(await taken(posts)).toMatchObject([
    { last_error: "the channel's settings cannot be read: they were encrypted with another ENCRYPTION_KEY" },
  ]);
});

test("a receiver that the mail server refuses is named as a fault, and the others get the message once", async () => {
  const letters = await addChannel(email());
  mail.refuseReceiver("kim@example.com");
  const before = mail.mails.length;
  await overdueCalls();
  startWorkers();
  const why = "the server refuses 1 of 2 receivers";
  await expect
    .poll(() => taken(letters), { timeout: 10_000 })
    .toEqual([{ status: "sent", attempts: 1, last_error: why }]);
  expect(mail.mails.slice(before).map(({ to }) => to)).toEqual([["dana@example.com"]]);
  const [channel] = await setting.calls
    .sql`select failing_since, last_error from alert_channels where id = ${letters}`;
  expect(channel).toEqual({ failing_since: null, last_error: why });
  expect(
    workers.flatMap(({ lines }) => lines).filter((line) => line.includes("all its receivers")),
  ).toHaveLength(1);
});
