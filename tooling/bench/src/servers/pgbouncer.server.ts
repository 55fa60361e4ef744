import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programOnPath } from "../direct/pgbench.run.ts";
import { unusedPort } from "./server.process.ts";

/** PgBouncer in transaction mode before a database. */
export type Pooler = {
  /** The database's URL through the pooler. */
  readonly url: string;
  stop(): Promise<void>;
};

const NOBODY = 65_534;
const PATIENCE_MS = 5_000;

/** @returns `undefined` where the machine has no PgBouncer. Throws an Error when it does not listen within 5 s. */
export async function startPooler(databaseUrl: string): Promise<Pooler | undefined> {
  const program = programOnPath("pgbouncer");
  if (program === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "call-ledger-pooler-"));
  const url = new URL(databaseUrl);
  const port = await unusedPort();
  const users = join(folder, "users.txt");
  const settings = join(folder, "pgbouncer.ini");
  writeFileSync(users, `"${url.username}" "${url.password}"\n`);
  writeFileSync(
    settings,
    `[databases]\n${url.pathname.slice(1)} = host=${url.hostname} port=${url.port}\n` +
      `[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${port}\nunix_socket_dir =\nauth_type = plain\n` +
      `auth_file = ${users}\npool_mode = transaction\ndefault_pool_size = 12\nmax_client_conn = 100\n`,
  );
  for (const path of [folder, users, settings]) chmodSync(path, 0o755);
  // It refuses to run as root.
  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const child = spawn(program, ["-q", settings], { ...user, stdio: "ignore" });
  const ended = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("exit", () => resolve());
  });
  const until = performance.now() + PATIENCE_MS;
  while (!(await listens(port))) {
    if (performance.now() > until) throw new Error("PgBouncer does not listen");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  [url.hostname, url.port] = ["127.0.0.1", String(port)];
  return {
    url: url.href,
    async stop() {
      child.kill("SIGINT");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}
