import { BootstrapError } from "./step.output.mjs";

/** The release of Node that is fetched if the machine has another major. */
export const NODE_VERSION = "24.21.0";

/**
 * @typedef {object} Machine
 * @property {string} node version of the running Node, such as "20.20.2"
 * @property {string | undefined} pnpm version of the pnpm on PATH
 * @property {string} platform process.platform
 * @property {string} arch process.arch
 */

/** @param {string | undefined} version */
export const majorOf = (version) => Number((version ?? "").split(".")[0]);

/**
 * Returns the registry packages that the machine needs; none if both majors match. Only Linux x64 and arm64 have a Node
 * of every release in the registry.
 * @param {Machine} machine
 * @param {string} pnpmVersion the pinned one
 * @returns {string[]} package specs
 * @throws {BootstrapError} if a missing tool cannot be fetched for this machine
 */
export function missingTools(machine, pnpmVersion) {
  const specs = [];
  const missing = [];
  if (majorOf(machine.node) !== majorOf(NODE_VERSION)) {
    specs.push(`node-${machine.platform}-${machine.arch}@${NODE_VERSION}`);
    missing.push(`Node ${majorOf(NODE_VERSION)} (this is ${machine.node})`);
  }
  if (majorOf(machine.pnpm) !== majorOf(pnpmVersion)) {
    specs.push(`@pnpm/exe.${machine.platform}-${machine.arch}@${pnpmVersion}`);
    missing.push(
      `pnpm ${majorOf(pnpmVersion)} (${machine.pnpm ? `this is ${machine.pnpm}` : "there is none"})`,
    );
  }
  const fetchable = machine.platform === "linux" && ["x64", "arm64"].includes(machine.arch);
  if (specs.length > 0 && !fetchable) {
    throw new BootstrapError(
      `The toolchain is fetched on Linux x64 and arm64 only, and this is ${machine.platform} ${machine.arch}. ` +
        `Please install: ${missing.join(", ")}.`,
    );
  }
  return specs;
}

/**
 * Returns the version in the packageManager field of package.json.
 * @param {{packageManager?: string}} manifest the root package.json
 */
export function pinnedPnpm(manifest) {
  const match = /^pnpm@([0-9.]+)/.exec(manifest.packageManager ?? "");
  if (match?.[1] === undefined) throw new BootstrapError("package.json names no pnpm in packageManager.");
  return match[1];
}
