import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { PostgresBinaries } from "./binaries.locate.ts";
import { type ClusterIdentity, filesOf, readIdentity, writeIdentity } from "./cluster.folder.ts";
import { freePort } from "./port.free.ts";
import type { SystemUser } from "./system.user.ts";

/**
 * Returns the identity of the cluster in the folder, and creates the cluster if there is none.
 * @throws Error if the data belongs to another major version or its identity is lost
 */
export async function initializeOnce(
  folder: string,
  binaries: PostgresBinaries,
  user: SystemUser | undefined,
  log: (line: string) => void,
): Promise<ClusterIdentity> {
  const files = filesOf(folder);
  const known = readIdentity(folder);
  if (existsSync(files.data)) {
    if (!known) throw new Error(`${files.identity} is missing; without it ${files.data} cannot be used.`);
    const major = Number.parseInt(readFileSync(join(files.data, "PG_VERSION"), "utf8"), 10);
    if (major === binaries.major) return known;
    throw new Error(
      `${files.data} was made by Postgres ${major}; this is ${binaries.major}. Move it away to start anew.`,
    );
  }
  const identity: ClusterIdentity = {
    major: binaries.major,
    port: await freePort(),
    superuserPassword: randomBytes(24).toString("base64url"),
  };
  const startedAt = performance.now();
  writeIdentity(folder, identity);
  initialize(folder, binaries, user, identity.superuserPassword);
  log(
    `made a Postgres ${binaries.major} cluster in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
  );
  return identity;
}

/** Runs initdb in a folder beside the final one, so that a killed initdb leaves no unfinished cluster in use. */
function initialize(
  folder: string,
  binaries: PostgresBinaries,
  user: SystemUser | undefined,
  superuserPassword: string,
): void {
  for (const name of readdirSync(folder)) {
    if (name.startsWith("making-")) rmSync(join(folder, name), { recursive: true, force: true });
  }
  const making = join(folder, `making-${process.pid}`);
  const data = join(making, "data");
  const passwordFile = join(making, "password");
  mkdirSync(making, { mode: 0o700 });
  writeFileSync(passwordFile, `${superuserPassword}\n`, { mode: 0o600 });
  if (user) for (const path of [making, passwordFile]) chownSync(path, user.uid, user.gid);
  const options = ["--username=postgres", "--auth=scram-sha-256", `--pwfile=${passwordFile}`];
  const encoding = ["--encoding=UTF8", "--locale=C", "--no-instructions"];
  const { status, stderr, error } = spawnSync(
    join(binaries.home, "bin/initdb"),
    [...options, ...encoding, "--pgdata", data],
    { ...user, cwd: making, env: serverEnvironment(binaries), encoding: "utf8" },
  );
  if (status !== 0) {
    rmSync(making, { recursive: true, force: true });
    throw new Error(`initdb failed: ${(stderr || String(error)).trim()}`);
  }
  renameSync(data, filesOf(folder).data);
  rmSync(making, { recursive: true, force: true });
}

/**
 * Returns the environment of the server programs. It has none of our variables, so that no PG* variable changes them.
 */
export function serverEnvironment(binaries: PostgresBinaries): Record<string, string> {
  return { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC", LD_LIBRARY_PATH: join(binaries.home, "lib") };
}
