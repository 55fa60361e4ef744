import { readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createSupervisor } from "./child.supervisor.mjs";
import { localDatabase, withUsableHome } from "./environment.rules.mjs";
import { installDependencies, installIsCurrent } from "./install.step.mjs";
import { BootstrapError, say } from "./step.output.mjs";
import { TASKS } from "./task.table.mjs";
import { pinnedPnpm } from "./toolchain.choice.mjs";
import { provideToolchain } from "./toolchain.provide.mjs";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const STATE_FOLDER = join(ROOT, ".call-ledger");

/**
 * Provides the toolchain and the dependencies, then runs the task.
 * @param {string[]} argv the task's name and its arguments
 * @returns {Promise<number>} the task's exit code; 1 if it could not be started, 2 if there is no such task
 */
export async function bootstrap([name = "", ...given]) {
  const task = TASKS[name];
  if (!task) {
    say(`there is no task "${name}"; the tasks are ${Object.keys(TASKS).join(", ")}`);
    return 2;
  }
  try {
    return await runTask(task, given);
  } catch (error) {
    if (!(error instanceof BootstrapError)) throw error;
    say(error.message);
    return 1;
  }
}

/**
 * @param {import("./task.table.mjs").Task} task
 * @param {string[]} given
 */
async function runTask(task, given) {
  const supervisor = createSupervisor();
  // biome-ignore lint/style/noProcessEnv: the only place that reads the environment.
  const env = withUsableHome(process.env, STATE_FOLDER);
  const current = installIsCurrent(ROOT, task.installs);
  const pnpmVersion = pinnedPnpm(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")));
  const needsPnpm = !current || task.usesPnpm === true;
  const tools = await provideToolchain({
    stateFolder: STATE_FOLDER,
    pnpmVersion,
    needsPnpm,
    env,
    supervisor,
  });
  const folders = [tools.node, tools.pnpm].flatMap((path) => (path ? [dirname(path)] : []));
  const path = [...new Set(folders), env.PATH ?? ""].join(delimiter);
  const toolEnv = { ...env, PATH: path, TURBO_TELEMETRY_DISABLED: "1" };
  if (!current)
    await installDependencies({ root: ROOT, scope: task.installs, tools, env: toolEnv, supervisor });

  // A program that starts again finds its code compiled: docs/adr/0030-patch-of-drizzle-orm.md
  const programEnv = { NODE_COMPILE_CACHE: join(ROOT, "node_modules/.cache/compile"), ...toolEnv };
  const taskEnv = task.usesLocalDatabase ? localDatabase(programEnv, STATE_FOLDER) : programEnv;
  // pnpm passes a "--" on to the script, npm removes it.
  const args = given[0] === "--" ? given.slice(1) : given;
  for (const [index, [command = "", ...rest]] of task.commands(ROOT).entries()) {
    const program = command === "node" ? tools.node : command;
    const code = await supervisor.run(program, index === 0 ? [...rest, ...args] : rest, {
      env: taskEnv,
      cwd: ROOT,
    });
    if (code !== 0) return code;
  }
  return 0;
}
