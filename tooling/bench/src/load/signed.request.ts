import { signDelivery } from "@call-ledger/simulator";

/** A delivery as it goes over the wire: the head of a POST with its signature, and the body. */
export function signedRequest(path: string, body: Buffer, secret: string, now: number): Buffer {
  const headers = {
    host: "127.0.0.1",
    "content-length": String(body.length),
    ...signDelivery(body.toString("utf8"), secret, now),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`), body]);
}
