import { onParentGone } from "./parent.watch.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * @param atOnce called on the second signal
 * @returns aborted on the first signal, or when the process that started us is gone
 */
export function stopRequest(atOnce: () => void): AbortSignal {
  const controller = new AbortController();
  for (const signal of SIGNALS) {
    process.on(signal, () => (controller.signal.aborted ? atOnce() : controller.abort()));
  }
  onParentGone(() => controller.abort());
  return controller.signal;
}
