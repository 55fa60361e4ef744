import type { callChangedSchema } from "@call-ledger/contract/calls";
import type { z } from "zod";
import { sharedValue } from "../shared-value.ts";
import { apiUrl } from "./client.ts";

type CallChanged = z.output<typeof callChangedSchema>;
/** `lost`: the connection existed and is broken now. */
type StreamState = "connecting" | "open" | "lost";

export type StreamListener = {
  changed(change: CallChanged): void;
  /** Called if changes may have been missed, so that everything must be read again. */
  reset(): void;
};

const MIN_DELAY_MS = 500;
const MAX_DELAY_MS = 8_000;

const listeners = new Set<StreamListener>();
const state = sharedValue<StreamState>("connecting");

export const { get: streamState, subscribe: onStreamState } = state;

/** @returns a function that ends the listening */
export function listenToCalls(listener: StreamListener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Opens the stream of the organization's calls. After a broken connection the browser reconnects by itself, with the id
 * of the last event. After a refusal (a restart answers 503) it gives up, so this function opens the stream again.
 * @param onRefused called when the server may have ended the session
 * @returns a function that closes it
 */
export function openCallStream(onRefused: () => void): () => void {
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let delay = MIN_DELAY_MS;
  let wasOpen = false;

  const open = (): void => {
    source = new EventSource(apiUrl("/calls/stream", {}, {}));
    source.addEventListener("open", () => {
      delay = MIN_DELAY_MS;
      const missed = wasOpen && state.get() === "lost";
      wasOpen = true;
      state.set("open");
      if (missed) for (const listener of listeners) listener.reset();
    });
    source.addEventListener("call", ({ data }) => {
      const change: CallChanged = JSON.parse(data);
      for (const listener of listeners) listener.changed(change);
    });
    source.addEventListener("reset", () => {
      for (const listener of listeners) listener.reset();
    });
    source.addEventListener("error", () => {
      if (wasOpen) state.set("lost");
      if (source.readyState !== EventSource.CLOSED) return;
      onRefused();
      timer = setTimeout(open, delay);
      delay = Math.min(delay * 2, MAX_DELAY_MS);
    });
  };

  // A browser that goes offline keeps the stream, because it has not seen its end.
  const leave = (): void => {
    clearTimeout(timer);
    source.close();
    if (wasOpen) state.set("lost");
  };
  const comeBack = (): void => {
    leave();
    open();
  };

  state.set("connecting");
  open();
  window.addEventListener("offline", leave);
  window.addEventListener("online", comeBack);
  return () => {
    window.removeEventListener("offline", leave);
    window.removeEventListener("online", comeBack);
    clearTimeout(timer);
    source.close();
  };
}
