export type StopRequest = {
  /** Aborted by the first signal. The reason is an AbortError whose message is the signal's name, such as SIGTERM. */
  readonly signal: AbortSignal;
  /** Asks for the stop as a signal does, for the reason given. */
  stop(reason: string): void;
  /** Stops listening: from now on a signal ends the process. */
  forget(): void;
};

type StopOptions = {
  /** Listens to SIGHUP too, which is sent when the terminal is closed. */
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
