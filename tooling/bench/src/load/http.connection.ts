import type { Socket } from "node:net";
import { connect } from "node:net";

/** A keep-alive connection that carries one request at a time. */
export type HttpConnection = {
  /** Sends a whole request, head and body, and resolves with the status when its answer has come in whole. */
  send(request: Uint8Array): Promise<number>;
  close(): void;
};

const HEAD_END = Buffer.from("\r\n\r\n");

/**
 * Raw HTTP/1.1 over a socket: a fraction of what node:http costs, so that the load leaves the cores to what is measured.
 * Understands answers with a Content-Length only, which is what all servers here send.
 */
export async function openHttpConnection(port: number): Promise<HttpConnection> {
  const socket = await connected(port);
  let received: Buffer = Buffer.alloc(0);
  let settle: { resolve(status: number): void; reject(error: Error): void } | undefined;

  const fail = (error: Error) => settle?.reject(error);
  socket.on("error", fail);
  socket.on("close", () => fail(new Error("the server closed the connection")));
  socket.on("data", (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const headEnd = received.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = received.toString("latin1", 0, headEnd);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1]);
    if (Number.isNaN(length)) return fail(new Error("an answer without Content-Length"));
    if (received.length < headEnd + HEAD_END.length + length) return;
    received = Buffer.alloc(0);
    settle?.resolve(Number(head.slice(9, 12)));
  });

  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        settle = { resolve, reject };
        socket.write(request);
      }),
    close() {
      settle = undefined;
      socket.destroy();
    },
  };
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}
