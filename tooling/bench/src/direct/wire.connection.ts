import type { Socket } from "node:net";
import { connect } from "node:net";
import { scramExchange } from "./scram.exchange.ts";
import { frame, int32, text } from "./wire.frames.ts";

/** A connection to Postgres that sends frames that were made beforehand, so that the client costs next to nothing. */
export type WireConnection = {
  /** Sends frames that end with a Sync; resolves when the server is ready again, throws an Error with the SQLSTATE. */
  exchange(frames: Uint8Array): Promise<void>;
  close(): void;
};

type Message = { readonly type: string; readonly body: Buffer };

const PROTOCOL_3 = 196_608;
const [AUTHENTICATION_OK, SASL, SASL_CONTINUE] = [0, 10, 11];

/** Connects and logs in with SCRAM-SHA-256, which is what the embedded Postgres asks for. */
export async function openWireConnection(url: string): Promise<WireConnection> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  let settle: { resolve(): void; reject(error: Error): void } | undefined;
  let failure: Error | undefined;
  const scram = scramExchange(password);

  const onMessage = ({ type, body }: Message) => {
    if (type === "R") authenticate(socket, scram, body);
    if (type === "E") failure = new Error(`Postgres answered ${sqlState(body)}`);
    if (type !== "Z") return;
    const waiting = settle;
    settle = undefined;
    if (failure === undefined) waiting?.resolve();
    else waiting?.reject(failure);
    failure = undefined;
  };
  onMessages(socket, onMessage);
  socket.on("error", (error) => settle?.reject(error));
  socket.on("close", () => settle?.reject(failure ?? new Error("Postgres closed the connection")));

  const exchange = (frames: Uint8Array) =>
    new Promise<void>((resolve, reject) => {
      settle = { resolve, reject };
      socket.write(frames);
    });
  const parameters = { user: username, database: pathname.slice(1), application_name: "call-ledger bench" };
  const pairs = Object.entries(parameters).flatMap(([name, value]) => [text(name), text(value)]);
  await exchange(frame("", int32(PROTOCOL_3), ...pairs, Buffer.from([0])));
  return {
    exchange,
    close() {
      settle = undefined;
      socket.end(frame("X"));
    },
  };
}

function authenticate(socket: Socket, scram: ReturnType<typeof scramExchange>, body: Buffer): void {
  const kind = body.readInt32BE(0);
  if (kind === AUTHENTICATION_OK) return;
  if (kind === SASL) {
    const first = Buffer.from(scram.clientFirst);
    socket.write(frame("p", text("SCRAM-SHA-256"), int32(first.length), first));
  } else if (kind === SASL_CONTINUE) {
    socket.write(frame("p", Buffer.from(scram.clientFinal(body.toString("utf8", 4)))));
  }
}

/** Cuts the stream into messages. */
function onMessages(socket: Socket, receive: (message: Message) => void): void {
  let received: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    let at = 0;
    while (received.length - at >= 5) {
      const end = at + 1 + received.readInt32BE(at + 1);
      if (end > received.length) break;
      receive({ type: received.toString("latin1", at, at + 1), body: received.subarray(at + 5, end) });
      at = end;
    }
    received = received.subarray(at);
  });
}

function sqlState(body: Buffer): string {
  const field = body
    .toString("utf8")
    .split("\0")
    .find((one) => one.startsWith("C"));
  return field?.slice(1) ?? "an error";
}
