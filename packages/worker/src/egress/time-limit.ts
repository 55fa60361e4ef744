import { EgressFault } from "./egress-fault.ts";

/**
 * Runs work with a signal that is aborted by `signal`, or after `limit.ms` with a `passing` fault of this reason.
 * Throws the errors of the work.
 */
export async function withTimeLimit<Result>(
  limit: { readonly ms: number; readonly reason: string },
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new EgressFault("passing", limit.reason)), limit.ms);
  try {
    return await work(AbortSignal.any([signal, late.signal]));
  } finally {
    clearTimeout(timer);
  }
}
