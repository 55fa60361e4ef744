import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Log } from "@call-ledger/process";
import { onceASecond } from "@call-ledger/process";
import type { Response } from "express";
import type { Reply } from "./reply.ts";
import { problem } from "./reply.ts";
import { STANDING_HEADERS } from "./standing-headers.middleware.ts";

export type ParserErrorPorts = {
  readonly log: Log;
  newId(): string;
  /** Counts a request that is not valid HTTP and was answered with this status. */
  malformed(status: number): void;
};

const STATUSES: ReadonlyMap<unknown, number> = new Map([
  ["HPE_HEADER_OVERFLOW", 431],
  ["HPE_CHUNK_EXTENSIONS_OVERFLOW", 413],
  ["ERR_HTTP_REQUEST_TIMEOUT", 408],
]);

/**
 * Answers requests that Node's parser refuses before a route sees them, and CONNECT, which Node passes to no route. The
 * answer is a problem document with a request id, like every other. Counts each request, and logs them once a second. A
 * request that has reached its route also has its own log line.
 */
export function answerParserErrors(server: Server, { log, newId, malformed }: ParserErrorPorts): void {
  const answers = new WeakMap<Socket, ServerResponse>();
  const logRefusal = onceASecond((fields) => log.info(fields, "requests that are no HTTP"));

  server.prependListener("request", (req: IncomingMessage, res: ServerResponse) => {
    answers.set(req.socket, res);
    res.once("close", () => {
      if (answers.get(req.socket) === res) answers.delete(req.socket);
    });
  });
  const refuse = (socket: Duplex, status: number, id: string, code: string | undefined): void => {
    malformed(status);
    logRefusal({ id, status, code });
    socket.end(rawReply(problem(status, STATUS_CODES[status] ?? ""), id), () => socket.destroy());
  };
  server.on("connect", (_req, socket) => {
    socket.on("error", () => undefined);
    refuse(socket, 400, newId(), undefined);
  });
  server.on("clientError", (error: Error, socket: Socket) => {
    const code: unknown = Reflect.get(error, "code");
    const answer = answers.get(socket);
    if (code === "ECONNRESET" || !socket.writable || answer?.headersSent === true) {
      socket.destroy();
      return;
    }
    const status = STATUSES.get(code) ?? 400;
    const id = String(answer?.getHeader("x-request-id") ?? newId());
    refuse(socket, status, id, typeof code === "string" ? code : undefined);
  });
}

/**
 * Passes requests with an `Expect` header to the routes like all others. The reader of a body answers 100-continue;
 * every other expectation is refused (`headRefusal`).
 */
export function answerExpectations(server: Server): void {
  for (const event of ["checkContinue", "checkExpectation"] as const) {
    server.on(event, (req: IncomingMessage, res: ServerResponse) => void server.emit("request", req, res));
  }
}

/** A request without a Host header is refused by `headRefusal`. Node's own refusal has no body and is in no log. */
export const NODE_CHECKS = { requireHostHeader: false } as const;

/** The refusal of a request without the Host header of HTTP/1.1, or with an expectation other than 100-continue. */
export function headRefusal({ req }: Response): Reply | null {
  const { expect, host } = req.headers;
  if (host === undefined && req.httpVersion === "1.1") return problem(400, "Bad Request");
  return expect === undefined || expect.toLowerCase() === "100-continue"
    ? null
    : problem(417, "Expectation Failed");
}

function rawReply({ status, headers, body }: Reply, id: string): string {
  const text = JSON.stringify(body);
  const all = {
    ...STANDING_HEADERS,
    ...headers,
    "x-request-id": id,
    "content-length": Buffer.byteLength(text),
    connection: "close",
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("\r\n")}\r\n\r\n${text}`;
}
