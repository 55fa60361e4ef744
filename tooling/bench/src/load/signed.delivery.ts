import { signDelivery } from "@call-ledger/simulator";
import type { Dispatcher } from "undici";
import { Pool } from "undici";

/** A request in the form of undici. */
export type SignedDelivery = Dispatcher.DispatchOptions;

/** Returns a POST request with the body, signed at `now` (ms since 1970). */
export function signedDelivery(path: string, body: Buffer, secret: string, now: number): SignedDelivery {
  return { method: "POST", path, headers: signDelivery(body.toString("utf8"), secret, now), body };
}

/** Sends to a server on 127.0.0.1 over a fixed number of connections. A request waits, in order, until one is free. */
export type Sender = {
  /** Resolves with the status after the whole answer. */
  send(delivery: SignedDelivery): Promise<number>;
  close(): Promise<void>;
};

export function openSender(port: number, connections: number): Sender {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections, pipelining: 1 });
  return {
    // `dispatch` costs us two thirds of `request`, which makes a stream of each answer.
    send: (delivery) =>
      new Promise((resolve, reject) => {
        let status = 0;
        pool.dispatch(delivery, {
          onRequestStart: () => undefined,
          onResponseStart(_controller, statusCode) {
            status = statusCode;
          },
          onResponseData: () => undefined,
          onResponseEnd: () => resolve(status),
          onResponseError: (_controller, error) => reject(error),
        });
      }),
    close: () => pool.destroy(),
  };
}
