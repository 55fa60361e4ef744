import type { Response } from "express";
import type { Reply } from "./reply.ts";

/** Sends a reply, unless the client is gone or has its answer already. */
export function writeReply(res: Response, { status, headers, body }: Reply): void {
  if (body === undefined) send(res, status, headers ?? {}, "");
  else send(res, status, { "content-type": "application/json", ...headers }, JSON.stringify(body));
}

/** Sends a page that is no JSON, with the same reservation. */
export function writePage(res: Response, contentType: string, text: string): void {
  send(res, 200, { "content-type": contentType }, text);
}

function send(res: Response, status: number, headers: Readonly<Record<string, string>>, text: string): void {
  if (res.headersSent || res.destroyed) return;
  res.writeHead(status, { ...headers, "content-length": Buffer.byteLength(text) });
  // As text it leaves with its head in one write.
  res.end(text);
}
