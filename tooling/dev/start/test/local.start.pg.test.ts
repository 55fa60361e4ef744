import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runningCluster } from "@call-ledger/local-postgres";
import { COMPILE_CACHE } from "@call-ledger/testkit/process";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    readonly postgresUrl: string;
  }
}

const STARTER = fileURLToPath(new URL("local.starter.ts", import.meta.url));
const API = new URL("stand-in.api.ts", import.meta.url).href;
const started: ChildProcess[] = [];
let stateFolder: string;

function newStateFolder(): void {
  const parent = mkdtempSync("/tmp/local-start-");
  chmodSync(parent, 0o711);
  stateFolder = join(parent, "state");
}

const removeStateFolder = () => rmSync(join(stateFolder, ".."), { recursive: true, force: true });

afterEach(async () => {
  for (const child of started.splice(0)) await end(child, "SIGTERM");
});

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  child.kill(signal);
  await once(child, "exit");
  return child.exitCode;
}

function start(env: Record<string, string>) {
  const child = spawn(process.execPath, [STARTER, stateFolder, API], {
    env: { PATH: "/usr/bin:/bin", ...COMPILE_CACHE, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  }
  const seen = async (text: string) => {
    await expect.poll(() => output, { timeout: 90_000, interval: 20 }).toContain(text);
  };
  return {
    child,
    seen,
    output: () => output,
    ready: async () => {
      await seen("Ctrl-C stops it");
      return JSON.parse(/^api: (\{.*\})$/m.exec(output)?.[1] ?? "{}");
    },
  };
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return String(port);
}

async function ask(url: string, text: string): Promise<readonly unknown[]> {
  const sql = postgres(url, { max: 1 });
  try {
    return (await sql.unsafe(text).values()).flat();
  } finally {
    await sql.end();
  }
}

const isAlive = (pid: number) => existsSync(`/proc/${pid}`);
const cluster = () => runningCluster(join(stateFolder, "postgres"));

describe("on a Postgres of its own", () => {
  // The first test creates a cluster, and the others start it again.
  beforeAll(newStateFolder);
  afterAll(removeStateFolder);

  test("starts, keeps its data over a restart, and shuts down on Ctrl-C", async () => {
    const PORT = await freePort();
    const first = start({ PORT });
    const told = await first.ready();
    expect(told.LISTEN_HOST).toBe("127.0.0.1");
    const demo =
      "SELECT o.name, count(*)::int FROM organizations o JOIN agents a ON a.org_id = o.id GROUP BY 1";
    expect(await ask(told.DIRECT_DATABASE_URL, demo)).toEqual(["Demo clinic", 1]);
    expect(
      await ask(told.DATABASE_URL, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"),
    ).toEqual([false]);
    expect(await ask(told.DIRECT_DATABASE_URL, "SHOW fsync")).toEqual(["on"]);
    expect(first.output()).toContain(
      `simulate --url http://localhost:${PORT} --secret ${told.VAPI_WEBHOOK_SECRET}`,
    );

    // So that the link, which is the last output, stays in sight.
    expect(first.output()).not.toMatch(/"level":"info"|applying \d/);
    await first.seen('{"level":"warn","msg":"slow"}');
    const log = readFileSync(join(stateFolder, "api.log"), "utf8");
    expect(log).toContain('{"level":"info","msg":"request"}\n{"level":"warn","msg":"slow"}\n');

    expect(await end(first.child, "SIGINT")).toBe(0);
    expect(first.output().match(/api: SIG\w+/g)).toEqual(["api: SIGTERM"]);
    expect(first.output().trimEnd().endsWith("stopped; the data stays")).toBe(true);
    expect(cluster()).toBeUndefined();

    const again = start({ PORT });
    const second = await again.ready();
    expect({ ...second, pid: 0 }).toEqual({ ...told, pid: 0 });
    expect(await ask(second.DIRECT_DATABASE_URL, demo)).toEqual(["Demo clinic", 1]);

    await ask(second.DIRECT_DATABASE_URL, "UPDATE organizations SET name = 'Renamed'");
    await end(again.child, "SIGINT");
    const third = await start({ PORT }).ready();
    expect(await ask(third.DIRECT_DATABASE_URL, demo)).toEqual(["Renamed", 1]);
  });

  test("a second start uses the running database and leaves it running", async () => {
    const first = await start({ PORT: await freePort() }).ready();
    const second = start({ PORT: await freePort() });
    expect((await second.ready()).DATABASE_URL).toBe(first.DATABASE_URL);
    expect(second.output()).toContain(`using the Postgres that process ${started[0]?.pid} runs`);
    expect(await end(second.child, "SIGINT")).toBe(0);
    expect(await ask(first.DATABASE_URL, "SELECT 1")).toEqual([1]);
  });

  test("a second start on the same port names the process that uses the port", async () => {
    const PORT = await freePort();
    await start({ PORT }).ready();
    const second = start({ PORT });
    await once(second.child, "exit");
    expect(second.child.exitCode).toBe(1);
    expect(second.output()).toContain(`Port ${PORT} is in use; process ${started[0]?.pid} runs call-ledger`);
  });

  test("no process survives a SIGKILL of the first one", async () => {
    const first = start({ PORT: await freePort() });
    const { pid } = await first.ready();
    const server = cluster()?.pid ?? 0;
    expect([isAlive(pid), isAlive(server)]).toEqual([true, true]);
    await end(first.child, "SIGKILL");
    await expect.poll(() => [isAlive(pid), isAlive(server)], { timeout: 30_000 }).toEqual([false, false]);
  });

  test("a second Ctrl-C does not wait for the api", async () => {
    const first = start({ PORT: await freePort(), DRAIN_MS: "60000" });
    const { pid } = await first.ready();
    first.child.kill("SIGINT");
    await first.seen("api: SIGTERM");
    expect(await end(first.child, "SIGINT")).toBe(130);
    await expect.poll(() => isAlive(pid), { timeout: 30_000 }).toBe(false);
    await expect.poll(() => cluster(), { timeout: 30_000 }).toBeUndefined();
  });

  test("if the api ends by itself, all processes end", async () => {
    const first = start({ PORT: await freePort() });
    const { pid } = await first.ready();
    process.kill(pid, "SIGKILL");
    await once(first.child, "exit");
    expect(first.child.exitCode).toBe(1);
    expect(first.output()).toContain("the api ended by itself");
    expect(cluster()).toBeUndefined();
  });
});

describe("on the database of DATABASE_URL", () => {
  beforeAll(newStateFolder);
  afterAll(removeStateFolder);

  test("migrates it, seeds nothing and starts no Postgres", async () => {
    const superuserUrl = inject("postgresUrl");
    const name = `given_${process.pid}_${Date.now()}`;
    await ask(superuserUrl, `CREATE DATABASE ${name}`);
    const url = new URL(superuserUrl);
    url.pathname = name;
    const first = start({
      PORT: await freePort(),
      LISTEN_HOST: "0.0.0.0",
      DATABASE_URL: url.href,
      VAPI_WEBHOOK_SECRET: "given-secret",
    });
    const told = await first.ready();
    expect(told.DATABASE_URL).toBe(url.href);
    expect([told.LISTEN_HOST, told.VAPI_WEBHOOK_SECRET]).toEqual(["0.0.0.0", "given-secret"]);
    const message = first.output().slice(first.output().indexOf("call-ledger is ready"));
    expect(message).toContain("simulate --url http://localhost");
    expect(message).not.toContain("given-secret");
    expect(await ask(url.href, "SELECT count(*)::int FROM organizations")).toEqual([0]);
    expect(existsSync(join(stateFolder, "postgres"))).toBe(false);
    expect(await end(first.child, "SIGTERM")).toBe(0);
    await ask(superuserUrl, `DROP DATABASE ${name}`);
  });
});

describe("in production", () => {
  beforeAll(newStateFolder);
  afterAll(removeStateFolder);

  test("refuses to start without a database and a secret, and creates nothing", async () => {
    const { child, output } = start({ NODE_ENV: "production", DATABASE_URL: "" });
    await once(child, "exit");
    expect(child.exitCode).toBe(1);
    expect(output()).toContain("NODE_ENV=production needs DATABASE_URL and VAPI_WEBHOOK_SECRET");
    expect(existsSync(stateFolder)).toBe(false);
  });

  test("neither migrates nor waits for the database", async () => {
    const env = {
      NODE_ENV: "production",
      DATABASE_URL: "postgres://u@127.0.0.1:1/x",
      VAPI_WEBHOOK_SECRET: "production-secret",
    };
    const { child, seen, output } = start({ ...env, PORT: await freePort() });
    await seen('"VAPI_WEBHOOK_SECRET":"production-secret"');
    expect(output()).not.toContain('"LISTEN_HOST"');
    expect(await end(child, "SIGTERM")).toBe(0);
    expect(output()).not.toContain("migrated");
    expect(existsSync(stateFolder)).toBe(false);
  });
});
