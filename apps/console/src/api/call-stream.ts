import type { callChangedSchema } from "@call-ledger/contract/calls";
import type { z } from "zod";
import { sharedValue } from "../shared-value.ts";
import type { StreamState } from "./event-stream.ts";
import { openEventStream } from "./event-stream.ts";

type CallChanged = z.output<typeof callChangedSchema>;

export type StreamListener = {
  changed(change: CallChanged): void;
  /** Called if changes may have been missed, so that everything must be read again. */
  reset(): void;
};

const listeners = new Set<StreamListener>();
const state = sharedValue<StreamState>("connecting");

export const { get: streamState, subscribe: onStreamState } = state;

/** @returns a function that ends the listening */
export function listenToCalls(listener: StreamListener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Opens the stream of the organization's calls.
 * @param onRefused called when the server may have ended the session
 * @returns a function that closes it
 */
export function openCallStream(onRefused: () => void): () => void {
  const reset = (): void => {
    for (const listener of listeners) listener.reset();
  };
  return openEventStream({
    path: "/calls/stream",
    on: {
      call(data) {
        const change: CallChanged = JSON.parse(data);
        for (const listener of listeners) listener.changed(change);
      },
      reset,
    },
    onState: state.set,
    onOpen: (hasMissed) => hasMissed && reset(),
    onRefused,
  });
}
