import { spawn } from "node:child_process";
import { constants } from "node:os";
import { say } from "./step.output.mjs";

const SIGNALS = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);
const PARENT_CHECK_MS = 500;
// A Ctrl-C in a terminal goes to the whole process group, and npm passes SIGINT on a second time.
const ECHO_MS = 100;

/**
 * @typedef {ReturnType<typeof createSupervisor>} Supervisor
 * @typedef {{env: NodeJS.ProcessEnv, cwd?: string}} ChildOptions
 */

/**
 * Runs one child at a time and passes every signal to it exactly once. Each child gets a session of its own, so a
 * Ctrl-C in the terminal reaches it only through this process. npm does not pass SIGTERM on and may be killed, so the
 * child is also ended when this process loses its parent.
 */
export function createSupervisor() {
  /** @type {import("node:child_process").ChildProcess | undefined} */
  let running;
  /** @type {NodeJS.Signals | undefined} */
  let received;
  let receivedAt = 0;

  /** @param {NodeJS.Signals} signal */
  const deliver = (signal) => {
    const now = performance.now();
    if (signal === received && now - receivedAt < ECHO_MS) return;
    received = signal;
    receivedAt = now;
    if (running) return running.kill(signal);
    say(`Ended by ${signal} before the command began.`);
    process.exit(exitCodeOf(null, signal));
  };
  for (const signal of SIGNALS) process.on(signal, () => deliver(signal));
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    if (received === undefined) deliver("SIGTERM");
  }, PARENT_CHECK_MS);
  watch.unref();

  /**
   * @param {string} command
   * @param {string[]} args
   * @param {ChildOptions & {stdio: import("node:child_process").StdioOptions}} options
   * @param {(child: import("node:child_process").ChildProcess) => void} [onStart]
   * @returns {Promise<number>} exit code; 128 + the signal's number after a signal
   */
  const start = (command, args, options, onStart) =>
    new Promise((resolve, reject) => {
      const child = spawn(command, args, { ...options, detached: true });
      running = child;
      child.once("error", reject);
      child.once("close", (code, signal) => {
        running = undefined;
        // It could not say so itself.
        if (signal !== null) say(`The command was ended by ${signal}.`);
        resolve(exitCodeOf(code, signal));
      });
      onStart?.(child);
    });

  return {
    /**
     * Runs the task on the standard streams of this process.
     * @param {string} command
     * @param {string[]} args
     * @param {ChildOptions} options
     */
    run: (command, args, options) => start(command, args, { ...options, stdio: "inherit" }),

    /**
     * Runs a step whose output is needed only if the step fails. A signal that ends the step ends this process too.
     * @param {string} command
     * @param {string[]} args
     * @param {ChildOptions} options
     * @returns {Promise<{code: number, stdout: string, output: string}>} `output` is both streams together
     */
    async capture(command, args, options) {
      let stdout = "";
      let output = "";
      const code = await start(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] }, (child) => {
        child.stdout?.setEncoding("utf8").on("data", (text) => {
          stdout += text;
          output += text;
        });
        child.stderr?.setEncoding("utf8").on("data", (text) => {
          output += text;
        });
      });
      if (received !== undefined) process.exit(exitCodeOf(null, received));
      return { code, stdout, output };
    },
  };
}

/**
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 */
export function exitCodeOf(code, signal) {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
