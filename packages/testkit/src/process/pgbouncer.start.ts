import { spawn } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@call-ledger/local-postgres";
import { until } from "./until.ts";

/** A PgBouncer in transaction mode in front of one database. */
export type PgBouncer = {
  /** Returns the URL of that database through the pooler. The login has to be one that the pooler was started with. */
  through(url: string): string;
  stop(): void;
};

const NOBODY = 65534;
const START_SECONDS = 20;
/** Fewer than any of our pools has, so that connections are shared. */
const FEW_CONNECTIONS = 3;

/**
 * Resolves when the pooler accepts connections. `program`: absolute path of PgBouncer. `urls`: URLs of one database,
 * one for each login that may connect. `serverConnections`: the number of the pooler's connections to the database.
 * `users`: user names of clients, with the role of each, as Supabase's pooler accepts `role.project`. Throws an Error
 * if the pooler does not start.
 */
export async function startPgBouncer(
  program: string,
  urls: readonly string[],
  users: Readonly<Record<string, string>> = {},
  serverConnections = FEW_CONNECTIONS,
): Promise<PgBouncer> {
  const logins = urls.map((url) => new URL(url));
  const [database] = logins;
  if (database === undefined) throw new Error("PgBouncer needs a database");
  const folder = mkdtempSync(join(tmpdir(), "pgbouncer-"));
  const port = await freePort();
  const server = `host=${database.hostname} port=${database.port}`;
  const name = database.pathname.slice(1);
  const passwords = new Map(logins.map(({ username, password }) => [username, password]));
  const aliases = Object.entries(users);
  for (const [alias, role] of aliases) passwords.set(alias, passwords.get(role) ?? "");
  const files = {
    "users.txt": [...passwords].map(([user, password]) => `"${user}" "${password}"\n`).join(""),
    "pgbouncer.ini": [
      "[databases]",
      `${name} = ${server}${aliases.map(([, role]) => ` user=${role} password=${passwords.get(role)}`).join("")}`,
      "[pgbouncer]",
      "listen_addr = 127.0.0.1",
      `listen_port = ${port}`,
      "unix_socket_dir =",
      "auth_type = plain",
      `auth_file = ${join(folder, "users.txt")}`,
      "pool_mode = transaction",
      `default_pool_size = ${serverConnections}`,
      "max_client_conn = 100",
      "",
    ].join("\n"),
  };
  for (const [file, content] of Object.entries(files))
    writeFileSync(join(folder, file), content, { mode: 0o644 });
  chmodSync(folder, 0o755);
  // PgBouncer refuses to run as root.
  const root = process.getuid?.() === 0;
  if (root) chownSync(folder, NOBODY, NOBODY);
  const user = root ? { uid: NOBODY, gid: NOBODY } : {};
  const bouncer = spawn(program, ["-q", join(folder, "pgbouncer.ini")], { ...user, stdio: "inherit" });
  await until(() => accepts(port), "PgBouncer accepts connections", START_SECONDS);
  return {
    through(url) {
      const target = new URL(url);
      [target.hostname, target.port] = ["127.0.0.1", String(port)];
      return target.href;
    },
    stop() {
      bouncer.kill("SIGKILL");
      rmSync(folder, { recursive: true });
    },
  };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}
