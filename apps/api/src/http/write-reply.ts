import type { Response } from "express";
import type { Reply } from "./reply.ts";

/** Sends a reply, unless the client is gone or has its answer already. */
export function writeReply(res: Response, { status, headers, body }: Reply): void {
  if (res.headersSent || res.destroyed) return;
  const text = Buffer.from(JSON.stringify(body));
  res.writeHead(status, { "content-type": "application/json", ...headers, "content-length": text.length });
  res.end(text);
}
