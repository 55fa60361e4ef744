import type { Response } from "express";

/** Server-sent events to one client. */
export type EventStream = {
  /** Sends a text of `serverSentEvent` or `keptPlace`. Drops a client that reads too slowly. */
  send(text: string): void;
  end(): void;
};

/** The max bytes that a client leaves unread. A slower client is dropped, and resumes from its last place. */
const MAX_UNREAD_BYTES = 262_144;
const RETRY_MS = 2_000;

/** Begins the answer, as a stream of events. */
export function openEventStream(res: Response): EventStream {
  res.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    // Without this header nginx keeps events until its buffer is full.
    "x-accel-buffering": "no",
  });
  res.write(`retry: ${RETRY_MS}\n\n`);
  return {
    send(text) {
      if (res.destroyed) return;
      if (res.writableLength > MAX_UNREAD_BYTES) res.destroy();
      else res.write(text);
    },
    end: () => void res.end(),
  };
}

/** The text of one event; `id` null: a client that resumes goes on from the last event with an id. */
export function serverSentEvent(event: string, data: object, id: string | null): string {
  return `${id === null ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** A text without an event that sets the place to resume from. It also keeps the connection alive. */
export function keptPlace(id: string): string {
  return `id: ${id}\n:\n\n`;
}
