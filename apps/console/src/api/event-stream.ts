import { apiUrl } from "./client.ts";

/** `lost`: the connection existed and is broken now. */
export type StreamState = "connecting" | "open" | "lost";

export type EventStreamOptions = {
  path: "/calls/stream" | "/deliveries/stream";
  /** What happens with the data of an event of each name. */
  on: Readonly<Record<string, (data: string) => void>>;
  onState?(state: StreamState): void;
  /** @param hasMissed whether an attempt failed or the stream broke before, so that events may have been missed */
  onOpen(hasMissed: boolean): void;
  /** Called when the server has refused the stream; it may have ended the session. */
  onRefused(): void;
};

const MIN_DELAY_MS = 500;
const MAX_DELAY_MS = 8_000;

/**
 * Opens a stream of events. After a broken connection the browser reconnects by itself, with the id of the last event.
 * After a refusal (a restart answers 503) it gives up, so this function opens the stream again.
 * @returns a function that closes it
 */
export function openEventStream({ path, on, onState, onOpen, onRefused }: EventStreamOptions): () => void {
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let delay = MIN_DELAY_MS;
  let state: StreamState = "connecting";
  let hasMissed = false;

  const become = (next: StreamState): void => {
    state = next;
    onState?.(next);
  };
  const lose = (): void => {
    hasMissed = true;
    if (state === "open") become("lost");
  };
  const open = (): void => {
    source = new EventSource(apiUrl(path, {}, {}));
    source.addEventListener("open", () => {
      delay = MIN_DELAY_MS;
      become("open");
      onOpen(hasMissed);
      hasMissed = false;
    });
    for (const [name, take] of Object.entries(on)) {
      source.addEventListener(name, ({ data }: MessageEvent<string>) => take(data));
    }
    source.addEventListener("error", () => {
      lose();
      if (source.readyState !== EventSource.CLOSED) return;
      onRefused();
      timer = setTimeout(open, delay);
      delay = Math.min(delay * 2, MAX_DELAY_MS);
    });
  };
  const close = (): void => {
    clearTimeout(timer);
    source.close();
  };
  // A browser that goes offline keeps the stream, because it has not seen its end.
  const leave = (): void => {
    close();
    lose();
  };
  const comeBack = (): void => {
    leave();
    open();
  };

  become("connecting");
  open();
  window.addEventListener("offline", leave);
  window.addEventListener("online", comeBack);
  return () => {
    window.removeEventListener("offline", leave);
    window.removeEventListener("online", comeBack);
    close();
  };
}
