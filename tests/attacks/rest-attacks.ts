import { ENCRYPTION_KEY, makeKey } from "@call-ledger/api/testing/access";
import type { TestLedger } from "@call-ledger/api/testing/ledger";
import { testLedger } from "@call-ledger/api/testing/ledger";
import { signIn } from "@call-ledger/api/testing/people";
import type { RunningApi } from "@call-ledger/api/testing/running-api";
import { startApi, untilReady } from "@call-ledger/api/testing/running-api";
import type { Route } from "@call-ledger/contract/route";
import type { Role } from "@call-ledger/domain";
import { ROLE_SCOPES, ROLES, SCOPES } from "@call-ledger/domain";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AttackedOrganization, Bearer } from "./attacked-organization.ts";
import { attackedOrganization } from "./attacked-organization.ts";
import type { TableAnswer, TableRequest } from "./table-requests.ts";
import { askTable, parametersOf, requestOf, servedRoutes, TABLE, withQuery } from "./table-requests.ts";

const NOBODYS = "00000000-0000-4000-8000-000000000000";

let ledger: TestLedger;
let api: RunningApi;
let ours: AttackedOrganization;
let theirs: AttackedOrganization;
let operator: Bearer;
let served: typeof TABLE;
let theirRows: string;

/**
 * Tests that attack every route of the contract's table with two organizations, so a route that is added to the table
 * is attacked too.
 */
export function attackRoutes(): void {
  beforeAll(start);
  afterAll(end);
  test("the ids of another organization get the same answer as ids that do not exist", swapIds);
  test("a credential of an organization cannot name another organization", nameOrganization);
  test(
    "a key without the scope of a route gets an answer that names the scope; a key with it does not",
    lackScope,
  );
  test.each(ROLES)("the role %s may use only the routes of its scopes", tryRole);
  test(
    "routes of the operator refuse a key of an organization, and answer the operator",
    callOperatorsRoutes,
  );
  test("a request without a valid credential gets 401", lackCredential);
  test("a method that the path does not have gets 405, with the methods that it has", useWrongMethods);
  test(
    "an organization's own ids get the answers of the table, its changes are in the audit, and the other organization stays the same",
    useOwnIds,
  );
}

async function start(): Promise<void> {
  ledger = await testLedger();
  api = await startApi(ledger.database.appUrl, { API_REQUESTS_PER_MINUTE: "1000000", ENCRYPTION_KEY });
  await untilReady(api);
  ours = await attackedOrganization(api, ledger, 1);
  theirs = await attackedOrganization(api, ledger, 2);
  operator = (await makeKey(ledger, { orgId: null })).bearer;
  served = await servedRoutes(api);
  theirRows = await rowsOf(theirs);
}

async function end(): Promise<void> {
  await api.stop();
  await ledger.drop();
}

/** Sends a request with our credential. Expects that the answer contains no secret of the other organization. */
async function ask(
  credential: Readonly<Record<string, string>>,
  request: TableRequest,
): Promise<TableAnswer> {
  const answer = await askTable(api, credential, request);
  const shown = theirs.secrets.filter((secret) => answer.text.includes(secret));
  expect(shown, `${request.method} ${request.path} shows a secret of another organization`).toEqual([]);
  return answer;
}

const valuesOf = (route: Route, value: string) =>
  Object.fromEntries(parametersOf(route).map((name) => [name, value]));

/** Returns a request for objects that do not exist, so that it changes nothing. */
const forNothing = (id: string, route: Route) => requestOf(id, route, valuesOf(route, NOBODYS));

/** Runs an attack on each served route. */
async function attack(
  routes: (route: Route) => boolean,
  run: (id: string, route: Route) => Promise<void>,
): Promise<void> {
  const chosen = served.filter(([, route]) => routes(route));
  expect(chosen.length).toBeGreaterThan(0);
  for (const [id, route] of chosen) await run(id, route);
}

/** Returns every row of an organization as text. */
async function rowsOf({ id }: AttackedOrganization): Promise<string> {
  const tables = await ledger.sql`
    select c.table_name as name from information_schema.columns c
    join information_schema.tables t using (table_schema, table_name)
    where c.table_schema = 'public' and c.column_name = 'org_id' and t.table_type = 'BASE TABLE' order by 1`;
  const rows = [];
  for (const { name } of tables) {
    const found = await ledger.sql`
      select to_jsonb(t)::text as row from ${ledger.sql(name)} t where org_id = ${id} order by 1`;
    rows.push(name, ...found.map(({ row }) => row));
  }
  return rows.join("\n");
}

async function swapIds(): Promise<void> {
  const isNamed = (route: Route) =>
    parametersOf(route).length > 0 &&
    (route.access.who === "organization" || route.access.who === "signed_in");
  await attack(isNamed, async (id, route) => {
    const swapped = await ask(ours.key, requestOf(id, route, theirs.ids));
    const nobodys = await ask(ours.key, forNothing(id, route));
    expect([id, swapped.status]).toEqual([id, 404]);
    const said = ({ text }: TableAnswer) => ({ ...JSON.parse(text), request_id: null });
    expect(said(swapped), id).toEqual(said(nobodys));
  });
}

async function nameOrganization(): Promise<void> {
  await attack(
    ({ access }) => access.who !== "anyone",
    async (id, route) => {
      const { status } = await ask(ours.key, withQuery(forNothing(id, route), "organization", theirs.id));
      expect([id, status]).toEqual([id, 404]);
    },
  );
}

async function lackScope(): Promise<void> {
  await attack(
    ({ access }) => access.who === "organization",
    async (id, route) => {
      if (route.access.who !== "organization") return;
      const { scope } = route.access;
      const others = await ours.keyWith(SCOPES.filter((other) => other !== scope));
      const refused = await ask(others, requestOf(id, route, ours.ids));
      expect([id, refused.status, refused.code]).toEqual([id, 403, "missing_scope"]);
      expect(refused.headers.get("www-authenticate")).toContain(`scope="${scope}"`);
      const answered = await ask(await ours.keyWith([scope]), forNothing(id, route));
      expect(answered.headers.get("www-authenticate") ?? "", id).not.toContain(`scope="${scope}"`);
      expect([401, 405, 500], id).not.toContain(answered.status);
    },
  );
}

async function tryRole(role: Role): Promise<void> {
  await attack(
    () => true,
    async (id, route) => {
      const { access } = route;
      const session = await signIn(api, ledger, role, { orgId: ours.id });
      const { status, code } = await ask(session, forNothing(id, route));
      const isAllowed = access.who !== "organization" || ROLE_SCOPES[role].includes(access.scope);
      expect([id, code === "missing_scope"]).toEqual([id, !isAllowed]);
      if (access.who === "operator") expect([id, status, code]).toEqual([id, 403, "forbidden"]);
      else expect([id, status === 401 || status >= 500]).toEqual([id, false]);
    },
  );
}

async function callOperatorsRoutes(): Promise<void> {
  await attack(
    ({ access }) => access.who === "operator",
    async (id, route) => {
      const refused = await ask(ours.key, requestOf(id, route, valuesOf(route, NOBODYS)));
      expect([id, refused.status, refused.code]).toEqual([id, 403, "forbidden"]);
      const { status } = await askTable(api, operator, forNothing(id, route));
      expect([id, [401, 403, 405, 500].includes(status)]).toEqual([id, false]);
    },
  );
}

async function lackCredential(): Promise<void> {
  await attack(
    ({ access }) => access.who !== "anyone",
    async (id, route) => {
      const request = requestOf(id, route, { ...valuesOf(route, NOBODYS), ...ours.ids });
      for (const credential of [
        {},
        { authorization: "Bearer clk_none" },
        { cookie: "call_ledger_session=x" },
      ]) {
        // Too many refusals of one address end in 429.
        const from = { "x-forwarded-for": `198.51.100.${TABLE.findIndex(([other]) => other === id)}` };
        const { status, code, headers } = await ask({ ...credential, ...from }, request);
        expect([id, status, code]).toEqual([id, 401, "unauthorized"]);
        expect(headers.get("www-authenticate")).toContain("Bearer");
      }
    },
  );
}

async function useWrongMethods(): Promise<void> {
  for (const [path, routes] of Map.groupBy(served, ([, route]) => route.path)) {
    const methods = routes.flatMap(([, { method }]) => (method === "GET" ? [method, "HEAD"] : [method]));
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"].filter((one) => !methods.includes(one))) {
      const { status, code, headers } = await ask(ours.key, {
        method,
        path: path.replaceAll(/\{\w+\}/g, NOBODYS),
      });
      expect([path, method, status, code]).toEqual([path, method, 405, "method_not_allowed"]);
      expect(headers.get("allow")?.split(", ").toSorted()).toEqual(methods.toSorted());
    }
  }
}

async function auditEntries(): Promise<number> {
  const [row] = await ledger.sql`select count(*)::int as n from audit_entries where org_id = ${ours.id}`;
  return row?.n;
}

async function useOwnIds(): Promise<void> {
  // Requests that end something come last.
  const isEnd = ([id, { method }]: (typeof TABLE)[number]) => method === "DELETE" || id === "signOut";
  const ordered = served.toSorted((one, other) => Number(isEnd(one)) - Number(isEnd(other)));
  for (const [id, route] of ordered.filter(([, { access }]) => access.who === "organization")) {
    const body = id === "addAgent" ? { provider_agent_id: "own", account_id: ours.accountId } : undefined;
    const entries = await auditEntries();
    const { status, code } = await ask(ours.key, requestOf(id, route, ours.ids, body));
    const isChange = route.method !== "GET" && status === route.status;
    if (isChange) expect([id, (await auditEntries()) - entries]).toEqual([id, 1]);
    const isProblemOfTable = (route.problems ?? []).some((problem) => problem === code);
    expect([id, status, status === route.status || isProblemOfTable]).toEqual([id, status, true]);
    expect([id, [401, 403, 404].includes(status) && code !== "no_recording"]).toEqual([id, false]);
  }
  expect(await rowsOf(theirs)).toBe(theirRows);
}
