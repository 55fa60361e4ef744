import { randomBytes, randomUUID } from "node:crypto";
import type { ChannelSettings } from "@call-ledger/contract/alerts";
import { secretBox } from "@call-ledger/credentials";
import { status } from "@call-ledger/testkit/http";
import { until } from "@call-ledger/testkit/process";
import { beforeEach, expect, test } from "vitest";
import { systemNetwork } from "../src/egress/network.ts";
import { workerFor } from "./harness/running-worker.ts";
import { useSetting } from "./harness/use-setting.ts";

/** Channels whose servers are at private addresses, with real workers. The settings are stored without a check. */

const ENCRYPTION_KEY = randomBytes(32).toString("base64");
const SECRET = `whsec_${randomBytes(32).toString("base64")}`;
const PUBLIC = "93.184.216.34";
const PUBLIC_V6 = "2606:4700::1111";

/** What names resolve to. Names that are not here are addresses. */
const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  "private.test": ["10.0.0.5"],
  "metadata.test": ["169.254.169.254"],
  "loopback.test": ["::1"],
  "mapped.test": ["::ffff:127.0.0.1"],
  "unique-local.test": ["fd00::1"],
  "link-local.test": ["fe80::1"],
  "nat64.test": ["64:ff9b::7f00:1"],
  "both.test": [PUBLIC, "127.0.0.1"],
  "moving.test": [PUBLIC],
  "hooks.test": [PUBLIC],
};

const PRIVATE_HOSTS = [
  "127.0.0.1",
  "169.254.169.254",
  "2130706433",
  "0x7f.1",
  "0",
  "[::1]",
  "[::ffff:127.0.0.1]",
  "[::ffff:a9fe:a9fe]",
  "[::127.0.0.1]",
  "[fd00::1]",
  "[fe80::1]",
  "[64:ff9b::7f00:1]",
  "[2002:7f00:1::]",
  ...Object.keys(ADDRESSES).filter((name) => !["moving.test", "hooks.test"].includes(name)),
  "private.test.",
];

const setting = useSetting({ names: ["localhost", "moving.test", "hooks.test"] });

beforeEach(async () => {
  await setting.calls.sql`delete from alert_channels where kind <> 'log'`;
});

/** Adds a channel with a test message that is due. The operator's channels are all served at once. */
async function addMessage(settings: ChannelSettings): Promise<string> {
  const { sql } = setting.calls;
  const id = randomUUID();
  const place = { channelId: id, use: "alert channel" } as const;
  const sealed = secretBox(ENCRYPTION_KEY).seal(JSON.stringify(settings), place);
  await sql`insert into alert_channels (id, org_id, kind, host, settings)
    values (${id}, null, ${settings.kind}, 'x', ${sealed})`;
  await sql`insert into alert_deliveries (channel_id, news) values (${id}, '[]')`;
  return id;
}

/** Runs a worker until it has tried each message. Returns the addresses to which it connected. */
async function tryAll(): Promise<string[]> {
  const connected: string[] = [];
  const worker = workerFor(setting, {
    config: { ENCRYPTION_KEY },
    timing: { alertPollMs: 50 },
    network: {
      resolve: async (host) => ADDRESSES[host] ?? systemNetwork.resolve(host),
      connect(address) {
        connected.push(address);
        return systemNetwork.connect("127.0.0.1", setting.host.port);
      },
    },
  });
  await until(async () => {
    const waiting = await setting.calls
      .sql`select from alert_deliveries where status = 'pending' and last_error is null`;
    return waiting.length === 0;
  }, "each message was tried");
  await worker.stop(2_000);
  return connected;
}

const errors = async (): Promise<(string | null)[]> => {
  const rows = await setting.calls.sql`select distinct last_error from alert_deliveries`;
  return rows.map((row) => row.last_error).sort();
};

const FORMS: Readonly<Record<ChannelSettings["kind"], (host: string) => ChannelSettings>> = {
  slack: (host) => ({ kind: "slack", url: `https://${host}/hook` }),
  webhook: (host) => ({ kind: "webhook", url: `https://${host}/hook`, secret: SECRET }),
  email: (host) => ({ kind: "email", smtp: `smtp://${host}:25`, from: "a@x.test", to: ["b@x.test"] }),
};

test.each(["slack", "webhook", "email"] as const)(
  "no message of a %s channel is sent to a private address, in whatever form it is written",
  async (kind) => {
    await Promise.all(PRIVATE_HOSTS.map((host) => addMessage(FORMS[kind](host))));
    expect(await tryAll()).toEqual([]);
    expect(await errors()).toEqual(["the server's host has an address that is not public"]);
  },
);

test("a redirect to a private address is not followed", async () => {
  const [, port] = setting.host.testHost.split(":");
  for (const [path, location] of [
    ["/metadata", "https://169.254.169.254/latest/meta-data/"],
    ["/here", `https://127.0.0.1:${port}/private`],
    ["/scheme", `http://[::1]:${port}/private`],
  ] as const) {
    setting.host.answer(path, status(307, { location }));
    await addMessage({ kind: "slack", url: `https://moving.test${path}` });
    await addMessage({ kind: "webhook", url: `https://moving.test${path}`, secret: SECRET });
  }
  expect(await tryAll()).toEqual(Array.from({ length: 6 }, () => PUBLIC));
  expect(await errors()).toEqual(["the answer was HTTP 307"]);
  expect(setting.host.requests.filter(({ path }) => path === "/private")).toEqual([]);
});

test("a public host is contacted, also if it is an IPv6 address or a fully qualified name", async () => {
  setting.host.answer("/hook", status(200));
  await addMessage(FORMS.slack("hooks.test."));
  await addMessage(FORMS.slack(`[${PUBLIC_V6}]`));
  expect((await tryAll()).sort()).toEqual([PUBLIC_V6, PUBLIC]);
  // The test's certificate does not name the address.
  expect(await errors()).toEqual([null, "the server's certificate is not valid"]);
});
