import { mkdtempSync, rmSync } from "node:fs";
import type { RequestListener } from "node:http";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestDatabase } from "@call-ledger/db/testing";
import { testDatabase } from "@call-ledger/db/testing";
import { describeWith, testCluster } from "@call-ledger/testkit/vitest";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { CheckResult } from "../src/deploy/checks/check.ts";
import type { DeployPlan } from "../src/deploy/deploy.ts";
import { deploy } from "../src/deploy/deploy.ts";
import { callOps } from "./harness/run-ops.ts";
import { SECRET } from "./harness/running-server.ts";
import { HEALTHY } from "./harness/stand-in.server.ts";

/** The lock of an operation on a whole database. */
const OPERATION_LOCK = 0x63616c6c;
const [OLD, NEW] = ["a".repeat(40), "b".repeat(40)];
const PASSED: CheckResult = { ok: true, checks: [], leftOut: [], exitCode: 0 };

describeWith("pg_dump", "deploy", () => {
  let db: TestDatabase;
  let folder: string;
  let stop: () => void = () => undefined;
  beforeAll(async () => {
    db = await testDatabase((await testCluster(15)).superuserUrl);
    folder = mkdtempSync(join(tmpdir(), "deploy-test-"));
  });
  afterEach(() => stop());
  afterAll(async () => {
    await db.drop();
    rmSync(folder, { recursive: true });
  });

  /** A server with a hook. `hook` answers an order, and returns the commit that runs from then on. */
  async function host(hook: (...request: Parameters<RequestListener>) => string): Promise<URL> {
    let commit = OLD;
    const server = createServer((request, response) => {
      if (request.method === "POST") commit = hook(request, response);
      else response.end(JSON.stringify({ ...HEALTHY, uptime: 0, commit }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    stop = () => {
      server.closeAllConnections();
      server.close();
    };
    const address = server.address();
    return new URL(`http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`);
  }

  async function deployed(server: URL, hook: URL, timeoutMs = 30_000) {
    const target: DeployPlan["target"] = {
      server,
      hook,
      account: { webhookSecrets: [], verification: null },
      token: "",
      isFirst: false,
      now: Date.now,
    };
    const plan = {
      ownerUrl: db.ownerUrl,
      target,
      migrations: undefined,
      shareRoles: false,
      backups: folder,
      client: undefined,
      version: { version: HEALTHY.version, commit: NEW },
      timeoutMs,
    };
    const checks = {
      preflight: async () => {
        const running = await (await fetch(new URL("/health", server))).json();
        Object.assign(target, { running });
        return PASSED;
      },
      verify: async () => PASSED,
      smoke: async () => PASSED,
      watch: async () => PASSED,
    };
    const stood: string[] = [];
    const ended = await deploy(plan, checks, {
      env: { PATH: process.env.PATH ?? "" },
      program: "ops",
      now: Date.now,
      progress: () => undefined,
      warn: () => undefined,
      ask: async () => null,
      standardInput: async () => "",
      standsAt: (standing) => stood.push(standing?.message ?? ""),
      interruption: () => new AbortController().signal,
    });
    return {
      ...ended,
      stood,
      last: ended.steps.at(-1),
      step: (name: string) => ended.steps.find(({ id }) => id === name),
    };
  }

  test("a hook that takes the order and does not answer: the new commit is awaited", async () => {
    const server = await host((_request, response) => {
      response.destroy();
      return NEW;
    });
    const { exitCode, step, last, stood } = await deployed(server, new URL("/deploy", server));
    expect(
      stood.filter((message) => message.includes("The organization `call-ledger smoke` may be left")),
    ).toEqual([stood.at(-2)]);
    expect(step("deploy_code")?.found).toContain("It is not known whether it took the order");
    expect([exitCode, step("new_version")?.ok, last?.id]).toEqual([0, true, "watch"]);
  });

  test("if no new commit appears after that, the deployment is half-way", async () => {
    const server = await host((_request, response) => {
      response.destroy();
      return OLD;
    });
    const { exitCode, isHalfWay, last, back } = await deployed(server, new URL("/deploy", server), 1_000);
    expect([exitCode, isHalfWay, last?.id]).toEqual([4, true, "new_version"]);
    // No migration was applied, so the rows and the schema stay.
    expect(back).toEqual([`ops rollback code ${server.origin} --commit ${OLD}`]);
    const shown = await callOps(["rollback", server.href, "--backups", folder], {
      DATABASE_URL: db.ownerUrl,
    });
    expect(shown.stdout).toMatch(/^code +no +the previous release \(\w{12}\) already runs$/m);
  });

  test("a hook that has taken no order leaves everything as it was", async () => {
    const server = await host((_request, response) => {
      response.writeHead(401).end();
      return OLD;
    });
    const refused = await deployed(server, new URL("/deploy", server));
    expect([refused.exitCode, refused.isHalfWay, refused.last?.id]).toEqual([1, false, "deploy_code"]);
    const away = await deployed(server, new URL("http://127.0.0.1:1/deploy"));
    expect([away.exitCode, away.isHalfWay, away.last?.id]).toEqual([3, false, "deploy_code"]);
  });

  test("a second deployment at the same time names the first, and exits with 4", async () => {
    const server = await host(() => OLD);
    const other = postgres(db.ownerUrl, {
      max: 1,
      connection: { application_name: "call-ledger deploy on here (1)" },
    });
    const ended = await other.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(${OPERATION_LOCK})`;
      const env = { DATABASE_URL: db.ownerUrl, VAPI_WEBHOOK_SECRET: SECRET };
      return callOps(["deploy", server.href, "--yes", "--backups", folder], env);
    });
    await other.end();
    expect([ended.code, ended.stderr]).toEqual([
      4,
      expect.stringMatching(
        /^call-ledger deploy on here \(1\) works on this database, since .* Nothing was changed\./,
      ),
    ]);
  });
});
