import type { IncomingMessage } from "node:http";
import { freeBytes } from "../http/free-bytes.ts";
import type { Room } from "./body-budget.ts";
import { BodyTooLarge } from "./inflate.ts";

/** The sender went away, or its body is no HTTP. */
export class BodyAborted extends Error {
  override readonly name = "BodyAborted";
}

/** The body came too slowly. */
export class BodyTooSlow extends Error {
  override readonly name = "BodyTooSlow";
}

/** A body may stand still for so long. */
const STILL_MS = 5_000;
/** And it has so long in all, beside a second for each 256 KB that it has brought. */
const GRACE_MS = 5_000;
const MIN_BYTES_PER_MS = 256;
const CHECK_MS = 500;
/** The room that a body takes first when it comes in chunks. */
const FIRST_CHUNKED_BYTES = 16_384;

/** The longest that a body of so many bytes may take, in milliseconds. */
export function longestBodyMs(bytes: number): number {
  return STILL_MS + GRACE_MS + bytes / MIN_BYTES_PER_MS;
}

/** The length that the sender declared; `null`: the body comes in chunks. A request without either has no body. */
export function declaredLength({ headers }: Pick<IncomingMessage, "headers">): number | null {
  if (headers["transfer-encoding"] !== undefined) return null;
  return Number(headers["content-length"] ?? 0);
}

/** The room that a body takes before any of it is read, in bytes. */
export function firstBytes(req: IncomingMessage): number {
  return declaredLength(req) ?? FIRST_CHUNKED_BYTES;
}

/** A body that is being read into memory of its own. */
export type ArrivingBody = {
  readonly bytes: Promise<Buffer>;
  /** Ends the reading: the bytes are rejected with this error, and their memory is free. */
  stop(error: Error): void;
};

/**
 * Reads a body of at most `limitBytes`, which has taken the room of its first bytes. One that comes in chunks takes more
 * as it comes.
 * The bytes are rejected with BodyTooLarge, BodyTooSlow, BodyAborted or NoRoom.
 */
export function arrivingBody(
  req: IncomingMessage,
  limitBytes: number,
  grow: Room["grow"],
  now: () => number,
): ArrivingBody {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  // Memory that is not filled with zeros is not taken before it is written.
  let body = Buffer.allocUnsafeSlow(firstBytes(req));
  let filled = 0;
  const startedAt = now();
  let lastAt = startedAt;

  const settle = (): void => {
    clearInterval(checking);
    req.off("data", onData).off("end", onEnd).off("close", onClose);
  };
  const stop = (error: unknown): void => {
    settle();
    freeBytes(body);
    reject(error);
  };
  const hold = (chunk: Buffer): void => {
    const end = filled + chunk.length;
    if (end > limitBytes) throw new BodyTooLarge();
    if (end > body.length) {
      const capacity = Math.min(limitBytes, Math.max(end, 2 * body.length));
      grow(capacity - body.length);
      body = moved(body, filled, capacity);
    }
    body.set(chunk, filled);
    filled = end;
  };
  const onData = (chunk: Buffer): void => {
    lastAt = now();
    try {
      hold(chunk);
      freeBytes(chunk);
    } catch (error) {
      stop(error);
    }
  };
  const onEnd = (): void => {
    settle();
    const exact = filled === body.length ? body : moved(body, filled, filled);
    resolve(exact);
  };
  const onClose = (): void => stop(new BodyAborted());
  const checking = setInterval(() => {
    const at = now();
    const isStill = at - lastAt > STILL_MS;
    if (isStill || at - startedAt > GRACE_MS + filled / MIN_BYTES_PER_MS) stop(new BodyTooSlow());
  }, CHECK_MS);
  req.on("data", onData).on("end", onEnd).on("close", onClose);
  // Its errors come with a close.
  req.on("error", () => undefined);
  return { bytes: promise, stop };
}

/** The same bytes in other memory; the old one is free. */
function moved(body: Buffer, filled: number, capacity: number): Buffer<ArrayBuffer> {
  const next = Buffer.allocUnsafeSlow(capacity);
  body.copy(next, 0, 0, filled);
  freeBytes(body);
  return next;
}
