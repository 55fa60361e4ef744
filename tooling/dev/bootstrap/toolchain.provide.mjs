import { spawnSync } from "node:child_process";
import { accessSync, constants, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { installEnvironment } from "./environment.rules.mjs";
import { BootstrapError } from "./step.output.mjs";
import { majorOf, missingTools, NODE_VERSION } from "./toolchain.choice.mjs";
import { fetchPackages } from "./toolchain.fetch.mjs";

/**
 * @typedef {{node: string, pnpm: string | undefined}} Toolchain absolute paths
 * @typedef {{node?: string, pnpm?: string}} Fetched absolute paths below the state folder
 * @typedef {import("./child.supervisor.mjs").Supervisor} Supervisor
 */

/**
 * Provides the pinned Node and pnpm: those of the machine if their majors match, else from the npm registry.
 * @param {object} options
 * @param {string} options.stateFolder git-ignored folder that stores the paths of fetched tools
 * @param {string} options.pnpmVersion
 * @param {boolean} options.needsPnpm
 * @param {NodeJS.ProcessEnv} options.env
 * @param {Supervisor} options.supervisor
 * @returns {Promise<Toolchain>} `pnpm` can be undefined only if it is not needed
 * @throws {BootstrapError} if the tools cannot be fetched for this machine, or without a network
 */
export async function provideToolchain({ stateFolder, pnpmVersion, needsPnpm, env: given, supervisor }) {
  const env = installEnvironment(given);
  const wanted = `${NODE_VERSION} ${pnpmVersion}`;
  const kept = recall(stateFolder, wanted);
  const node = majorOf(process.versions.node) === majorOf(NODE_VERSION) ? process.execPath : kept.node;
  if (node && (kept.pnpm || !needsPnpm)) return { node, pnpm: kept.pnpm };

  const own = whereIs("pnpm", env);
  const ownVersion = own && versionOf(own, env);
  const machine = {
    node: node ? NODE_VERSION : process.versions.node,
    pnpm: ownVersion,
    platform: process.platform,
    arch: process.arch,
  };
  const specs = missingTools(machine, pnpmVersion);
  const fetched =
    specs.length > 0 ? await fetchTools(specs, join(stateFolder, "toolchain"), env, supervisor) : {};
  const foundNode = node ?? fetched.node;
  if (!foundNode) throw new BootstrapError("The fetched toolchain contains no Node.");
  if (specs.length > 0) remember(stateFolder, wanted, { ...kept, ...fetched });
  return { node: foundNode, pnpm: fetched.pnpm ?? own };
}

/**
 * @param {string[]} specs
 * @param {string} folder where fetched packages are kept
 * @param {NodeJS.ProcessEnv} env
 * @param {Supervisor} supervisor
 * @returns {Promise<Fetched>}
 */
async function fetchTools(specs, folder, env, supervisor) {
  const npm = whereIs("npm", env) ?? join(dirname(process.execPath), "npm");
  const modules = await fetchPackages({ specs, npm, folder, env, supervisor });
  /** @type {Fetched} */
  const fetched = {};
  for (const spec of specs) {
    const name = spec.slice(0, spec.lastIndexOf("@"));
    if (name.startsWith("node-")) fetched.node = runningNode(join(modules, name, "bin/node"), env);
    else fetched.pnpm = join(modules, name, "pnpm");
  }
  return fetched;
}

/**
 * @param {string} path a Node that was just fetched
 * @param {NodeJS.ProcessEnv} env
 * @returns {string} the path, after a check that this Node runs
 */
function runningNode(path, env) {
  const version = versionOf(path, env);
  if (version === NODE_VERSION) return path;
  throw new BootstrapError(
    `The fetched Node does not run here: ${path} printed ${version ?? "nothing"}. It needs glibc; ` +
      `on another C library please install Node ${majorOf(NODE_VERSION)} and pnpm yourself.`,
  );
}

/**
 * @param {string} name
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | undefined} absolute path of an executable on PATH
 */
export function whereIs(name, env) {
  return (env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs the program in "/", because a pnpm that starts in this folder may replace itself with the pinned one.
 * @param {string} path
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | undefined}
 */
function versionOf(path, env) {
  const offline = { ...env, COREPACK_ENABLE_NETWORK: "0" };
  const { status, stdout } = spawnSync(path, ["--version"], {
    cwd: "/",
    env: offline,
    encoding: "utf8",
    timeout: 20_000,
  });
  return status === 0 ? stdout.trim().replace(/^v/, "") : undefined;
}

/**
 * @param {string} stateFolder
 * @param {string} wanted the pinned versions
 * @returns {Fetched} the paths that an earlier run fetched and that still exist
 */
function recall(stateFolder, wanted) {
  try {
    const kept = JSON.parse(readFileSync(join(stateFolder, "toolchain.json"), "utf8"));
    const paths = Object.entries(kept.wanted === wanted ? kept.paths : {});
    return Object.fromEntries(paths.filter(([, path]) => typeof path === "string" && isExecutable(path)));
  } catch {
    return {};
  }
}

/**
 * @param {string} stateFolder
 * @param {string} wanted
 * @param {Fetched} paths
 */
function remember(stateFolder, wanted, paths) {
  mkdirSync(stateFolder, { recursive: true, mode: 0o711 });
  writeFileSync(join(stateFolder, "toolchain.json"), `${JSON.stringify({ wanted, paths })}\n`);
}
