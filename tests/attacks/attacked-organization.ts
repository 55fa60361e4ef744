import { randomUUID } from "node:crypto";
import { makeAccount, makeKey } from "@call-ledger/api/testing/access";
import { ASSISTANT, deliver } from "@call-ledger/api/testing/deliveries";
import type { TestLedger } from "@call-ledger/api/testing/ledger";
import { askApi, signIn } from "@call-ledger/api/testing/people";
import type { Scope } from "@call-ledger/domain";
import { SCOPES } from "@call-ledger/domain";
import { simulateCall } from "@call-ledger/simulator";

export type Bearer = { readonly authorization: string };

/** An organization with at least one object of every kind that a route can name. */
export type AttackedOrganization = {
  readonly id: string;
  /** A word that its calls, its agents, its people and their payloads contain. */
  readonly marker: string;
  /** Texts that no other organization may read: the marker and the ids. */
  readonly secrets: readonly string[];
  /** The id of its own account at the provider. */
  readonly accountId: string;
  /** A value for each parameter of a path. */
  readonly ids: Readonly<Record<string, string>>;
  /** A key with all scopes. */
  readonly key: Bearer;
  keyWith(scopes: readonly Scope[]): Promise<Bearer>;
};

type Api = { readonly url: string };

/**
 * Adds an organization with a call, its events, recordings, people, keys, links and agents. `seed` makes them unique.
 */
export async function attackedOrganization(
  api: Api,
  ledger: TestLedger,
  seed: number,
): Promise<AttackedOrganization> {
  const marker = `Quetzal${seed}Marker`;
  const [row] = await ledger.sql`insert into organizations (name) values (${marker}) returning id`;
  const orgId = String(row?.id);
  const accountId = await makeAccount(ledger, "a-secret-of-16-or-more", { orgId });
  const { bearer } = await makeKey(ledger, { orgId: null });
  const assistantId = `${ASSISTANT}-${seed}`;
  await asked(api, bearer, "POST", `/agents?organization=${orgId}`, {
    provider_agent_id: assistantId,
    name: marker,
  });
  await deliverCall(api, assistantId, marker, seed);
  const keyWith = async (scopes: readonly Scope[]) => (await makeKey(ledger, { orgId, scopes })).bearer;
  const key = await keyWith(SCOPES);
  const admin = await signIn(api, ledger, "admin", { orgId, email: `${marker}@one.test` });
  const ids = {
    alarm: await openAlarm(ledger, orgId),
    ...(await idsOf(api, key, marker, accountId)),
    session: await firstId(api, admin, "/sessions"),
  };
  return { id: orgId, marker, accountId, ids, key, keyWith, secrets: [marker, orgId, ...Object.values(ids)] };
}

/** Opens an alarm that was seen and sent just now, so that the api's own check does not change it. */
async function openAlarm({ sql }: TestLedger, orgId: string): Promise<string> {
  const [alarm] = await sql`insert into alarms
    (org_id, condition, scope, figures, opened_at, last_seen_at, notified_at)
    values (${orgId}, 'calls_overdue', ${`organization:${orgId}`}, '{"calls": 7}', now(), now(), now()) returning id`;
  return String(alarm?.id);
}

async function deliverCall(api: Api, assistantId: string, marker: string, seed: number): Promise<void> {
  const { deliveries } = simulateCall({
    seed,
    assistantId,
    startedAt: Date.UTC(2026, 2, 4, 15),
    outcome: "completed",
    turns: 4,
    recordingOrigin: "https://recordings.test",
    presignedAt: Date.now(),
  });
  for (const { body } of deliveries) {
    await deliver(api.url, Buffer.from(body.replaceAll('"summary":"', `"summary":"${marker} `)));
  }
}

/** Creates or finds an object for each parameter of a path, over the API itself. */
async function idsOf(api: Api, key: Bearer, marker: string, accountId: string) {
  const call = await firstId(api, key, "/calls");
  await asked(api, key, "PATCH", `/calls/${call}`, { tags: [marker], note: marker, external_ref: marker });
  const share = await asked(api, key, "POST", `/calls/${call}/share-links`, {});
  const token = String(share.url).split("/").at(-1) ?? "";
  const member = await asked(api, key, "POST", "/members", {
    email: `${marker}-2@one.test`,
    name: marker,
    role: "staff",
  });
  const made = await asked(api, key, "POST", "/keys", { name: marker, scopes: ["calls:read"] });
  const agent = await asked(api, key, "POST", "/agents", {
    provider_agent_id: randomUUID(),
    account_id: accountId,
    name: marker,
  });
  const channel = await asked(api, key, "POST", "/alert-channels", {
    name: marker,
    settings: { kind: "slack", url: `https://hooks.invalid/${marker}` },
  });
  const { data } = await asked(api, key, "GET", `/calls/${call}/timeline`);
  const event = (data as { id: string; has_payload: boolean }[]).find(({ has_payload }) => has_payload);
  return {
    call,
    event: String(event?.id),
    recording: await firstId(api, key, "/recordings"),
    link: String(share.id),
    token,
    member: String(Object(member.member).id),
    key: String(made.id),
    agent: String(agent.id),
    channel: String(channel.id),
  };
}

async function firstId(api: Api, headers: object, path: string): Promise<string> {
  const { data } = await asked(api, headers, "GET", path);
  return String((data as { id: string }[])[0]?.id);
}

async function asked(api: Api, headers: object, method: string, path: string, body?: unknown) {
  const { status, json } = await askApi(api, headers, method, path, body);
  if (status >= 300) throw new Error(`${method} ${path} answered ${status}: ${JSON.stringify(json)}`);
  return json;
}
