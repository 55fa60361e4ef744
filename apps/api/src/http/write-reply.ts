import type { IncomingMessage } from "node:http";
import { freeBytes } from "@call-ledger/process/memory";
import type { Response } from "express";
import { NoRoom } from "./byte-budget.ts";
import type { Reply } from "./reply.ts";
import { takesRoom } from "./unread-answers.ts";

/** An unwanted body of at most so many bytes is read to its end, so that its connection can be used again. */
const DRAINED_BYTES = 65_536;
/**
 * A refused sender may send so much more, for so long. If we closed earlier, it would see a reset instead of the reply.
 */
const LINGER_BYTES = 262_144;
const LINGER_MS = 1_000;
/** Of more connections, the one that was answered first is closed. */
const MAX_LINGERING = 64;

/** Sends a reply, unless the client is gone or already has an answer. */
export function writeReply(res: Response, { status, headers, body }: Reply): void {
  if (body === undefined) writeText(res, status, headers ?? {}, "");
  else writeText(res, status, { "content-type": "application/json", ...headers }, JSON.stringify(body));
}

/** Sends a text of another type than JSON, unless the client is gone or already has an answer. */
export function writePage(res: Response, contentType: string, text: string): void {
  writeText(res, 200, { "content-type": contentType }, text);
}

/** Sends a body that is text already, unless the client is gone or already has an answer. Throws NoRoom. */
export function writeText(
  res: Response,
  status: number,
  headers: Readonly<Record<string, string>>,
  text: string,
): void {
  if (res.headersSent || res.destroyed) return;
  const hasBody = status !== 204 && status !== 304;
  const bytes = Buffer.byteLength(text);
  if (!takesRoom(res, bytes)) throw new NoRoom();
  const withLength = hasBody ? { ...headers, "content-length": bytes } : headers;
  if (hasLongBodyPending(res.req)) {
    res.writeHead(status, { ...withLength, connection: "close" });
    res.write(text);
    linger(res.req, () => res.end());
    return;
  }
  res.writeHead(status, withLength);
  // Node sends a text and the headers in one write.
  res.end(text);
}

function hasLongBodyPending({ complete, headers }: IncomingMessage): boolean {
  if (complete) return false;
  if (headers.expect !== undefined) return true;
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > DRAINED_BYTES;
}

/** How to end the connections that linger, in the order in which they were answered. */
const lingering = new Set<() => void>();

/** Drops the rest of a body, up to a limit, then calls `over`. A connection that is closed earlier is reset. */
function linger(req: IncomingMessage, over: () => void): void {
  let dropped = 0;
  const end = (): void => {
    clearTimeout(timeout);
    lingering.delete(end);
    req.off("end", end).off("close", end);
    freeUnread(req);
    over();
  };
  // It stays until the connection is closed, because what comes meanwhile has to be freed as well.
  const onData = (chunk: Buffer): void => {
    dropped += chunk.length;
    freeBytes(chunk);
    if (dropped > LINGER_BYTES && lingering.has(end)) end();
  };
  const timeout = setTimeout(end, LINGER_MS);
  req.on("data", onData).once("end", end).once("close", end);
  req.resume();
  lingering.add(end);
  const [first] = lingering;
  if (lingering.size > MAX_LINGERING) first?.();
}

/** Frees what has arrived of a body and waits in its request. */
function freeUnread(req: IncomingMessage): void {
  for (let chunk: Buffer | null = req.read(); chunk !== null; chunk = req.read()) freeBytes(chunk);
}
