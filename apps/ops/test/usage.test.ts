import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { COMMANDS } from "../src/start/registry.ts";
import { callOps, documentOf, runOps, spawnOps } from "./harness/run-ops.ts";

const NOBODY = { DATABASE_URL: "postgres://owner:a-password@127.0.0.1:1/ledger" };
const ORG = "00000000-0000-4000-8000-00000000000a";

test("the program itself: exit codes, pure standard output", async () => {
  const help = await runOps(["--help"]);
  expect([help.code, help.stderr]).toEqual([0, ""]);
  expect(await callOps(["--help"])).toEqual(help);
  const wrong = await runOps(["org", "create", "--json"], NOBODY);
  expect([wrong.code, wrong.stderr]).toEqual([2, "org create needs --name NAME.\n"]);
  expect(documentOf(wrong)).toEqual({ error: "org create needs --name NAME.", exit_code: 2 });
  const nobody = await runOps(["org", "list", "--json"], NOBODY);
  expect([nobody.code, documentOf(nobody).exit_code]).toEqual([3, 3]);
});

test("the help names every command, and every command has a help of its own", async () => {
  const { code, stdout, stderr } = await callOps(["--help"]);
  expect([code, stderr]).toEqual([0, ""]);
  for (const { name, summary } of COMMANDS) expect(stdout).toMatch(new RegExp(`${name} +${summary}`));

  for (const { name, load } of COMMANDS) {
    const command = await load();
    const own = await callOps([...name.split(" "), "--help"]);
    expect([own.code, own.stderr], name).toEqual([0, ""]);
    for (const option of [...Object.keys(command.options), "json"])
      expect(own.stdout).toContain(`--${option}`);
    // What an option means is a phrase, and what a command does are sentences.
    for (const { about } of Object.values(command.options)) expect(about, name).not.toMatch(/^[A-Z].*\.$/);
    expect(command.about, name).toMatch(/^[A-Z].*\.$/);
    for (const example of command.examples) expect(example.startsWith(name), example).toBe(true);
  }
  expect((await callOps(["help", "agent", "add"])).stdout).toBe(
    (await callOps(["agent", "add", "-h"])).stdout,
  );
  expect((await callOps(["agent", "--help"])).stdout).not.toContain("migrate ");
});

test("printed commands are those of the package manager that runs the program", async () => {
  const help = async (agent: string) => (await callOps(["--help"], { npm_config_user_agent: agent })).stdout;
  expect(await help("npm/11.0.0 node/v24.21.0 linux x64")).toContain("Usage: npm run -s ops -- <command>");
  expect(await help("pnpm/12.21.0 npm/? node/v24.21.0 linux x64")).toContain(
    "Usage: pnpm --silent ops <command>",
  );
});

test.each([
  ["", "Which command? There are: migrate, adopt, db url, db login"],
  ["orgs", "Unknown command 'orgs'\nThere are: migrate"],
  ["org delete", "Unknown command 'delete'\nThere are: org create, org list."],
  ["org delete --help", "There are: org create, org list."],
  ["migrat", "Unknown command 'migrat'\n(Did you mean migrate?)"],
  ["key list --al", "Unknown option '--al'\n(Did you mean --all?)"],
  ["agent add --organisation x", "Unknown option '--organisation'\nagent add knows --org"],
  ["migrate now", "migrate takes only options"],
  ["org create", "org create needs --name NAME."],
  ["org create --name \t", "org create needs --name NAME."],
  ["org create --name", "--name needs a value."],
  ["agent add --org --assistant x", "--org needs a value.\nagent add knows"],
  ["quarantine list --all=yes", "--all takes no value."],
  ["migrate -x", "Unknown option '-x'"],
  ["agent add --name x", "agent add needs --org ID and --assistant ID."],
  ["agent add --org 7 --assistant a", "--org has to be a UUID"],
  ["agent list --org 7", "--org has to be a UUID"],
  [`agent add --org ${ORG} --assistant a --phone 5550100`, "--phone has to be a number in E.164"],
  [`agent add --org ${ORG} --assistant a --phone +0155`, "--phone has to be a number in E.164"],
  [`agent add --org ${ORG} --assistant ${"a".repeat(201)}`, "at most 200 characters"],
  [`agent add --org ${ORG} --assistant a --account 7`, "--account has to be a UUID"],
  ["key create --org 7", "--org has to be a UUID"],
  [`key create --org ${ORG} --scopes calls:read,all`, "--scopes has to be one or more of calls:read"],
  [`key create --org ${ORG} --scopes ,`, "--scopes has to be one or more of calls:read"],
  ["key revoke", "Name each key by its id"],
  ["key revoke 7", "The id of a key has to be a UUID"],
  [`account add --org ${ORG} --provider other`, "--provider is one of vapi."],
  [`account add --org ${ORG} --auth hope`, "--auth has to be one of any, hmac"],
  [`account add --org ${ORG} --hmac-plan {`, "--hmac-plan is not JSON."],
  [`account add --org ${ORG} --hmac-plan {"algorithm":"md5"}`, "--hmac-plan is a JSON object"],
  ["account rotate", "Name one account by its id"],
  [`account rotate ${ORG} ${ORG}`, "Name one account by its id"],
  [`account rotate ${ORG} --finish --secret s`, "--finish cannot be used with another option."],
  [`account rotate ${ORG} --secret -`, "from a line of standard input, and there is none"],
  [`account rotate ${ORG} --secret env:NOT_SET`, "the variable NOT_SET is not set"],
  ["recordings verify", "use --all"],
  ["quarantine list --limit 0", "--limit has to be a whole number from 1 to"],
  ["quarantine replay", "use --all"],
  [`quarantine replay ${ORG} --all`, "use --all"],
  ["quarantine replay first", "The id of a delivery has to be a UUID"],
  ["verify localhost", "The server has to be a web address"],
  ["preflight --backup-age yesterday", "--backup-age has to be a time such as"],
  ["smoke", "smoke needs the URL of the server."],
  ["watch", "watch needs the URL of the server."],
  ["watch http://a.test --every 1s", "Use --every and --for together."],
  ["watch http://a.test --every 0s --for 1m", "--every has to be a time such as"],
  ["watch http://a.test --schedule weekly", "--schedule is one of guide, daily"],
  ["migrate --status --sql", "Use either --status or --sql."],
  ["deploy release http://a.test", "RENDER_DEPLOY_HOOK_URL is not set."],
  ["restore --into postgres://o@db.example.test/scratch", "--into can be used only with --rehearse."],
  ["restore --rehearse --into http://a.test/scratch", "--into has to be the URL of a database"],
  ["adopt --from http://a.test/old", "--from has to be the URL of a database"],
  ["watch http://a.test --log /tmp", "/tmp is a folder."],
  ["restore a.dump b.dump", "One backup at a time"],
  ["rollback constraint", "Name one constraint."],
  ["deploy", "deploy needs the URL of the server."],
  ["simulate --assistant a", "simulate needs --url URL."],
  ["simulate --url http://localhost:1 --assistant a", "--secret S is missing"],
  ["simulate --url localhost --secret s --assistant a", "--url has to be a web address"],
  [
    "simulate --url http://localhost:1 --secret s --assistant a --seed -1",
    "--seed has to be a whole number from 0",
  ],
  [
    "simulate --url http://localhost:1 --secret s --assistant a --repeat 0",
    "--repeat has to be a whole number from 1 to 100",
  ],
  [
    "simulate --url http://localhost:1 --secret s --assistant a --outcome bad",
    "--outcome is one of completed, no_answer",
  ],
])("wrong usage is explained with exit code 2: %s", async (line, says) => {
  const { code, stdout, stderr } = await callOps(line === "" ? [] : line.split(" "), NOBODY);
  expect(stderr).toContain(says);
  expect([code, stdout]).toEqual([2, ""]);
});

test("the value of a mistyped option is not printed, because it can be a secret", async () => {
  const { code, stdout, stderr } = await callOps(["account", "add", "--secrt=a-password", "--json"], NOBODY);
  expect([code, stderr]).toEqual([2, expect.stringContaining("Unknown option '--secrt'")]);
  expect(stdout + stderr).not.toContain("a-password");
});

test("with --json a failure is one document too", async () => {
  const wrong = await callOps(["org", "create", "--json"], NOBODY);
  expect(wrong.code).toBe(2);
  expect(documentOf(wrong)).toEqual({ error: wrong.stderr.trimEnd(), exit_code: 2 });
  const help = await callOps(["migrate", "--help", "--json"]);
  expect(documentOf(help)).toEqual({ help: (await callOps(["migrate", "--help"])).stdout.trimEnd() });
});

const NEEDS_A_DATABASE = [
  ["migrate"],
  ["migrate", "--status"],
  ["backup", "--backups", tmpdir()],
  ["db", "login"],
  ["org", "create", "--name", "x"],
  ["org", "list"],
  ["agent", "add", "--org", ORG, "--assistant", "a"],
  ["agent", "list"],
  ["key", "create", "--org", ORG],
  ["key", "list"],
  ["key", "revoke", ORG],
  ["account", "list"],
  ["account", "rotate", ORG, "--finish"],
  ["quarantine", "list"],
  ["quarantine", "replay", "--all"],
  ["recordings", "verify", "--all"],
];

test.each([...NEEDS_A_DATABASE, ["db", "url"], ["verify"], ["preflight"]])(
  "without a database it exits 3: %s %s",
  async (...args) => {
    const { code, stdout, stderr } = await callOps(args, { DATABASE_URL: " " });
    expect([code, stdout]).toEqual([3, ""]);
    expect(stderr).toBe("No database: run npm start in another terminal, or set DATABASE_URL.\n");
  },
);

test.each(NEEDS_A_DATABASE)(
  "when the database cannot be reached it exits 3 and keeps secrets: %s %s",
  async (...args) => {
    const { code, stdout, stderr } = await callOps(args, NOBODY);
    expect([code, stdout]).toEqual([3, ""]);
    expect(stderr).toContain(
      "127.0.0.1:1 cannot be reached (no_answer, ECONNREFUSED). Is npm start, or your Postgres, running?",
    );
    expect(stderr).not.toContain("a-password");
  },
);

test("a database that does not answer is given up too", async () => {
  const mute = createServer(() => undefined);
  await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
  const address = mute.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const { code, stderr } = await callOps(["org", "list"], {
    DATABASE_URL: `postgres://o:p@127.0.0.1:${port}/ledger`,
  });
  mute.close();
  expect([code, stderr]).toEqual([
    3,
    expect.stringContaining("cannot be reached (no_answer, CONNECT_TIMEOUT)"),
  ]);
});

test.each([["doctor"], ["watch", "--every", "1s", "--for", "60s", "--without-database"]])(
  "Ctrl-C ends %s while a server does not answer",
  async (...args) => {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    const silent = createServer(
      (socket) => void socket.on("error", () => undefined).once("data", () => resolve()),
    );
    await new Promise<void>((done) => silent.listen(0, "127.0.0.1", done));
    const address = silent.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
    const { child, finished } = spawnOps([...args, url], NOBODY);
    await asked;
    child.kill("SIGINT");
    const { code, stderr } = await finished;
    expect([code, stderr]).toEqual([4, expect.stringMatching(/^Stopped by SIGINT\./)]);
    silent.close();
  },
);

test("an invalid URL is wrong usage; the owner's own variable comes first", async () => {
  const { code, stderr } = await callOps(["org", "list"], {
    ...NOBODY,
    DIRECT_DATABASE_URL: "localhost/ledger",
  });
  expect([code, stderr]).toEqual([
    2,
    "DIRECT_DATABASE_URL must be a URL starting with postgres:// or postgresql://.\n",
  ]);
});

test("db url prints a URL for psql without connecting", async () => {
  const url =
    "postgres://o:p%40ss@db.example.test:6543/ledger?sslmode=require&pgbouncer=true&connection_limit=1";
  const env = { DATABASE_URL: "postgres://app@db.example.test/ledger", DIRECT_DATABASE_URL: url };
  const printed = "postgres://o:p%40ss@db.example.test:6543/ledger?sslmode=require";
  expect(await callOps(["db", "url"], env)).toEqual({ code: 0, stdout: `${printed}\n`, stderr: "" });
  expect(documentOf(await callOps(["db", "url", "--json"], env))).toEqual({ url: printed });
});

test("config prints the settings without secrets, and all wrong ones", async () => {
  const env = { ...NOBODY, VAPI_WEBHOOK_SECRET: "webhook-secret", PORT: "3002" };
  const right = await callOps(["config", "--json"], env);
  expect(right.code).toBe(0);
  expect(documentOf(right)).toMatchObject({
    PORT: 3002,
    VAPI_WEBHOOK_SECRET: "[set]",
    DIRECT_DATABASE_URL: null,
  });
  const human = await callOps(["config"], env);
  expect(human.stdout).toContain("PORT=3002\n");
  for (const { stdout } of [right, human]) expect(stdout).not.toMatch(/a-password|webhook-secret/);

  const wrong = await callOps(["config", "--json"], { PORT: "all", NODE_ENV: "production" });
  expect(wrong.code).toBe(1);
  const variables = documentOf(wrong).problems.map(({ variable }: { variable: string }) => variable);
  expect(variables.sort()).toEqual(["DATABASE_URL", "PORT", "VAPI_WEBHOOK_SECRET"]);

  const production = { ...NOBODY, NODE_ENV: "production", VAPI_WEBHOOK_SECRET: "a-secret-0123456789" };
  const folder = await callOps(["config"], production);
  expect([folder.code, folder.stdout]).toEqual([1, expect.stringMatching(/^STORAGE_DRIVER must be s3 /)]);
  expect((await callOps(["config"], { ...production, WORKER: "off" })).code).toBe(0);
});

test("a server that closes a connection which asks for TLS may have none", async () => {
  const closing = createServer(
    (socket) => void socket.on("error", () => undefined).on("data", () => socket.end("N")),
  );
  await new Promise<void>((resolve) => closing.listen(0, "127.0.0.1", resolve));
  const address = closing.address();
  const url = `postgres://o@127.0.0.1:${typeof address === "object" ? address?.port : 0}/ledger`;
  const [asking, plain] = await Promise.all([
    callOps(["org", "list"], { DATABASE_URL: `${url}?sslmode=require` }),
    callOps(["org", "list"], { DATABASE_URL: url }),
  ]);
  closing.close();
  expect(asking.stderr).toContain("A server without TLS closes it too: then leave sslmode out of the URL.");
  expect(plain.stderr).not.toContain("sslmode");
});
