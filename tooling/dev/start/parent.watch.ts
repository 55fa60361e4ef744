import { repeating } from "@call-ledger/process";

const CHECK_MS = 500;

/**
 * Runs the callback once after the parent process has ended, because a killed parent passes no signal on. Does not keep
 * this process alive.
 */
export function onParentGone(callback: () => void): void {
  const parent = process.ppid;
  repeating(async () => {
    if (process.ppid === parent) return CHECK_MS;
    callback();
    return null;
  });
}
