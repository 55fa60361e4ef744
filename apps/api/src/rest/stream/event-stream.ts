import type { Response } from "express";

/** Server-sent events to one client. */
export type EventStream = {
  /** Sends what `serverSentEvent` or `keptPlace` made; a client that does not take it is dropped. */
  send(text: string): void;
  end(): void;
};

/** What a client may leave unread, in bytes; whoever reads slower resumes from where it was. */
const MAX_UNREAD_BYTES = 262_144;
const RETRY_MS = 2_000;

/** Begins the answer. */
export function openEventStream(res: Response): EventStream {
  res.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    // nginx would keep events until its buffer is full.
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

/** One event; `id` null: a client that resumes goes on from the one before. */
export function serverSentEvent(event: string, data: object, id: string | null): string {
  return `${id === null ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** No event, but the place to resume from; it keeps the connection alive too. */
export function keptPlace(id: string): string {
  return `id: ${id}\n:\n\n`;
}
