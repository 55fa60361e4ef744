import { useEffect, useRef } from "react";
import { listenToCalls } from "./call-stream.ts";

/** Changes within this time are read together, so with very many changes they are read this often. */
const GATHER_MS = 150;
const MIN_GAP_MS = 500;
/** Stands for an id when changes may have been missed: every call may have changed. */
export const ANY_CALL = "";

/**
 * Passes the ids of changed calls on, some time after the first one. Waits until `handle` is done before it does so
 * again.
 * @param handle never rejects; `ANY_CALL` may be among the ids
 */
export function useGatheredChanges(handle: (changed: ReadonlySet<string>) => Promise<unknown>): void {
  const current = useRef(handle);
  current.current = handle;
  useEffect(() => {
    let changed = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let endedAt = 0;
    let isRunning = false;
    const run = async (): Promise<void> => {
      timer = undefined;
      isRunning = true;
      const taken = changed;
      changed = new Set();
      await current.current(taken);
      isRunning = false;
      endedAt = performance.now();
      if (changed.size > 0) schedule();
    };
    const schedule = (): void => {
      if (timer !== undefined || isRunning) return;
      const wait = Math.max(GATHER_MS, endedAt + MIN_GAP_MS - performance.now());
      timer = setTimeout(() => void run(), wait);
    };
    const add = (id: string): void => {
      changed.add(id);
      schedule();
    };
    const end = listenToCalls({ changed: ({ id }) => add(id), reset: () => add(ANY_CALL) });
    return () => {
      end();
      clearTimeout(timer);
    };
  }, []);
}
