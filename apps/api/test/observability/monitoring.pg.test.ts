import { existsSync, readdirSync, readFileSync } from "node:fs";
import { PLATFORM_ACCOUNT } from "@call-ledger/db/testing";
import { ALARM_CONDITIONS, runbookOf } from "@call-ledger/domain";
import { until } from "@call-ledger/testkit/process";
import { parser } from "@prometheus-io/lezer-promql";
import { beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { deliver, fixture, message } from "../harness/deliveries.ts";
import type { Samples } from "../harness/scrape.ts";
import { METRICS_TOKEN, scrape } from "../harness/scrape.ts";
import { useApi } from "../harness/use-api.ts";

type Rule = {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly runbook: string };
};

const ROOT = new URL("../../../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), "utf8");
const rules: Rule[] = parse(read("monitoring/alerts.yml")).groups.flatMap(
  (group: { rules: Rule[] }) => group.rules,
);
const dashboard: { panels: { title: string; targets: { expr: string }[] }[] } = JSON.parse(
  read("monitoring/grafana-dashboard.json"),
);

let samples: Samples;

// A worker with a heartbeat that may not fetch the recordings.
const { ledger, api } = useApi({
  METRICS_TOKEN,
  WORKER: "inline",
  STORAGE_PATH: "/nowhere/at/all",
});

beforeAll(async () => {
  await ledger.addAgent();
  const report = fixture("vapi/16-inbound-end-of-call-report.json").toString();
  await deliver(api.url, Buffer.from(report.replaceAll("storage.vapi.ai", "nowhere.invalid")));
  await deliver(api.url, message("hang", "call-1", { call: { id: "call-1", assistantId: "nobody" } }));
  await until(async () => {
    const [{ refused } = {}] = await ledger.sql`
      select count(*)::int as refused from recording_upload_queue where last_error like '%not allowed%'`;
    return refused === 2;
  }, "the worker has refused both recordings");
  await ledger.sql`update recording_upload_queue
    set status = 'pending', next_attempt_at = now() + interval '1 hour' where channel = 'mono'`;
  await ledger.sql`update recording_upload_queue set status = 'failed' where channel = 'stereo'`;
  await ledger.sql`insert into provider_calls
      (provider_account_id, provider_call_id, org_id, has_ended, lacked, created_at)
    select provider_account_id, provider_call_id || lost, org_id, false, 'call', now() - interval '2 days'
    from calls, unnest(array['', '-lost']) lost`;
  await ledger.sql`insert into reconciled_accounts (provider_account_id, provider, compared_until)
    values (${PLATFORM_ACCOUNT}, 'vapi', now())`;
  samples = await until(async () => {
    const found = await scrape(api.url);
    const names = namesOf(found);
    const needed = ["call_ledger_worker_heartbeat_age_seconds", "call_ledger_account_provider_calls"];
    return needed.every((name) => names.has(name)) && found;
  }, "a worker has given a sign, and the calls of accounts are counted");
});

function namesOf(found: Samples): Set<string> {
  return new Set([...found.keys()].map((sample) => sample.replace(/\{.*$/, "")));
}

/** The metrics and label matchers of a PromQL expression. Throws if it cannot be parsed. */
function selectorsOf(expr: string): { metrics: string[]; labels: string[] } {
  const metrics: string[] = [];
  const labels: string[] = [];
  parser.parse(expr).iterate({
    enter: ({ name, type, from, to }) => {
      if (type.isError) throw new SyntaxError(`no PromQL at ${from}: ${expr}`);
      if (name === "VectorSelector") metrics.push(expr.slice(from, to).replace(/\{.*$/s, ""));
      if (name === "LabelName") labels.push(expr.slice(from, to));
    },
  });
  return { metrics, labels };
}

const expressions = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
];

test("there are rules and panels, each with a name of its own", () => {
  expect(rules.length).toBeGreaterThan(10);
  expect(dashboard.panels.length).toBeGreaterThan(10);
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
});

test("the test refuses an expression that cannot be parsed", () => {
  expect(() => selectorsOf("rate(call_ledger_deliveries_total[5m]")).toThrow(SyntaxError);
});

test.each(expressions)("%s uses only metrics of /metrics", (_name, expr) => {
  const { metrics, labels } = selectorsOf(expr);
  expect(metrics.length).toBeGreaterThan(0);
  const served = namesOf(samples);
  expect(metrics.filter((metric) => !served.has(metric))).toEqual([]);
  const known = new Set(
    [...samples.keys()].flatMap((sample) => [...sample.matchAll(/(\w+)="/g)].map(([, label]) => label)),
  );
  expect(labels.filter((label) => !known.has(label))).toEqual([]);
});

test("every alert has a runbook that begins with the command to run, and every runbook has an alert", () => {
  const pages = rules.map(({ annotations }) => annotations.runbook);
  for (const [index, page] of pages.entries()) {
    expect(existsSync(new URL(page, ROOT)), page).toBe(true);
    const [title, , fence, command] = read(page).split("\n");
    expect(title).toBe(`# ${rules[index]?.alert}`);
    expect(fence).toBe("```sh");
    expect(command).toMatch(/^pnpm --silent ops [a-z]/);
  }
  const there = readdirSync(new URL("docs/runbooks", ROOT)).map((file) => `docs/runbooks/${file}`);
  // Alarms of the product have runbooks too.
  const alarms = ALARM_CONDITIONS.map((condition) => runbookOf(condition));
  expect(there.toSorted()).toEqual([...new Set([...pages, ...alarms])].toSorted());
});

test("the page about monitoring names exactly the metrics that exist", () => {
  const described = new Set(
    [...read("docs/monitoring.md").matchAll(/^\| `(call_ledger_\w+)`/gm)].map(([, name]) => name),
  );
  const served = [...namesOf(samples)]
    .map((name) => name.replace(/_(?:bucket|sum|count)$/, ""))
    .filter((name) => !/^call_ledger_(?:process|nodejs)_/.test(name));
  const needsAnHour = "call_ledger_database_growth_bytes_per_day";
  expect([...described].toSorted()).toEqual([...new Set([...served, needsAnHour])].toSorted());
});
