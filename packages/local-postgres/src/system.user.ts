import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** An operating-system account by number. */
export type SystemUser = {
  readonly uid: number;
  readonly gid: number;
};

/**
 * Returns the user that runs Postgres. Postgres refuses to run as root, so root runs it as `postgres` or, without that
 * account, as `nobody`. Returns undefined if this process is not root: Postgres then runs as the same user. Throws an
 * Error if root finds neither account.
 */
export function postgresUser(
  uid: number | undefined = process.getuid?.(),
  accounts: () => string = readAccounts,
): SystemUser | undefined {
  if (uid !== 0) return undefined;
  const lines = accounts()
    .split("\n")
    .map((line) => line.split(":"));
  for (const name of ["postgres", "nobody"]) {
    const fields = lines.find((candidate) => candidate[0] === name);
    if (fields) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new Error(
    "Postgres does not run as root, and this system has neither a user `postgres` nor `nobody` to run it as.",
  );
}

function readAccounts(): string {
  return readFileSync("/etc/passwd", "utf8");
}

/**
 * Returns whether the user may enter the folder. The system itself is asked, because the modes of all parents count.
 */
export function canEnter(folder: string, user: SystemUser): boolean {
  const { status } = spawnSync("/bin/sh", ["-c", 'cd "$1"', "sh", folder], {
    ...user,
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
    stdio: "ignore",
  });
  return status === 0;
}
