export type StopRequest = {
  /**
   * Aborted by the first signal. The reason is an AbortError whose message is the name of the signal, such as SIGTERM.
   */
  readonly signal: AbortSignal;
  /** Requests the stop without a signal, for the given reason. */
  stop(reason: string): void;
  /** Stops listening. From then on a signal ends the process. */
  forget(): void;
};

type StopOptions = {
  /** Also listens to SIGHUP, which is sent when the terminal is closed. */
  readonly hangUp?: boolean;
  /** Runs on each signal after the first. Default: the second signal ends the process. */
  again?(): void;
};

/** Listens to SIGINT and SIGTERM until `forget`. */
export function stopRequest({ hangUp = false, again }: StopOptions = {}): StopRequest {
  const signals = ["SIGINT", "SIGTERM", ...(hangUp ? ["SIGHUP"] : [])];
  const controller = new AbortController();
  const stop = (reason: string) => controller.abort(new DOMException(reason, "AbortError"));
  const forget = () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
  const onSignal = (signal: string) => {
    if (controller.signal.aborted) return again?.();
    if (again === undefined) forget();
    stop(signal);
  };
  for (const signal of signals) process.on(signal, onSignal);
  return { signal: controller.signal, stop, forget };
}
