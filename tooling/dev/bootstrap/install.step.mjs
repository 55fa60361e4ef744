import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { installEnvironment } from "./environment.rules.mjs";
import { BootstrapError, explain, say, secondsSince } from "./step.output.mjs";

/** @typedef {"running" | "building" | "everything"} Scope */

/**
 * The packages of each scope. The root is always installed with them. The Postgres majors, the test kit and the
 * benchmarks belong to "everything" only.
 * @type {Record<Scope, string[]>}
 */
const NEEDED = {
  running: ["@call-ledger/dev", "@call-ledger/ops", "@call-ledger/worker-process"],
  building: ["@call-ledger/build"],
  everything: [],
};
const LOCK_POLL_MS = 200;

/**
 * Returns whether an earlier install matches the lockfile and the manifests.
 * @param {string} root
 * @param {Scope} scope
 */
export function installIsCurrent(root, scope) {
  try {
    const stamp = JSON.parse(readFileSync(stampFile(root), "utf8"));
    return stamp.inputs === inputsHash(root) && (stamp.scope === scope || stamp.scope === "everything");
  } catch {
    return false;
  }
}

/**
 * Runs `pnpm install --frozen-lockfile`. Several bootstraps of one folder run it one after another.
 * @param {object} options
 * @param {string} options.root
 * @param {Scope} options.scope
 * @param {{pnpm: string | undefined}} options.tools
 * @param {NodeJS.ProcessEnv} options.env
 * @param {import("./child.supervisor.mjs").Supervisor} options.supervisor
 * @returns {Promise<void>}
 * @throws {BootstrapError} with the message of pnpm
 */
export async function installDependencies({ root, scope, tools, env, supervisor }) {
  const release = await takeTurn(join(root, "node_modules"));
  try {
    if (installIsCurrent(root, scope)) return;
    const startedAt = performance.now();
    say("installing dependencies (pnpm install --frozen-lockfile) …");
    const filters = NEEDED[scope].map((name) => `--filter-prod=${name}...`);
    // The release-age policy is checked when the lockfile is written. Here it would query the registry for every entry.
    // In both cases each download is compared with its hash in the lockfile.
    const args = ["install", "--frozen-lockfile", "--trust-lockfile", "--reporter=append-only", ...filters];
    const { code, output } = await supervisor.capture(tools.pnpm ?? "pnpm", args, {
      env: installEnvironment(env),
      cwd: root,
    });
    if (code !== 0) {
      throw new BootstrapError(`pnpm install failed (exit code ${code}). ${explain(output)}`);
    }
    writeFileSync(stampFile(root), `${JSON.stringify({ inputs: inputsHash(root), scope })}\n`);
    say(`dependencies installed in ${secondsSince(startedAt)}`);
  } finally {
    release();
  }
}

/** @param {string} root */
const stampFile = (root) => join(root, "node_modules/.call-ledger-install.json");

/**
 * Returns a hash of all files that determine the result of an install.
 * @param {string} root
 */
function inputsHash(root) {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  const members = ["apps", "packages", "tooling"].flatMap((group) =>
    subfolders(join(root, group)).map((name) => join(group, name, "package.json")),
  );
  for (const path of ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json", ...members.sort()]) {
    hash.update(path).update(readOrNothing(join(root, path)));
  }
  return hash.digest("hex");
}

/** @param {string} folder */
function subfolders(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** @param {string} path */
function readOrNothing(path) {
  try {
    return readFileSync(path);
  } catch {
    return "";
  }
}

/**
 * Waits until no other running process installs into the folder.
 * @param {string} folder
 * @returns {Promise<() => void>} a function that releases the lock
 */
async function takeTurn(folder) {
  mkdirSync(folder, { recursive: true });
  const lock = join(folder, ".call-ledger-install.lock");
  for (let waited = 0; ; waited += LOCK_POLL_MS) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      return () => rmSync(lock, { force: true });
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
    }
    const holder = Number(readOrNothing(lock));
    if (isAbandoned(lock, holder)) rmSync(lock, { force: true });
    else {
      if (waited === 0) say(`waiting for process ${holder}, which is installing here …`);
      await sleep(LOCK_POLL_MS);
    }
  }
}

/**
 * @param {string} lock
 * @param {number} holder
 */
function isAbandoned(lock, holder) {
  try {
    // A lock without a process id is just being written, unless it is old.
    if (!(holder > 0)) return Date.now() - statSync(lock).mtimeMs > 2000;
    process.kill(holder, 0);
    return false;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code !== "EPERM";
  }
}
