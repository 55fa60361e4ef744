import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

const hmac = (key: Uint8Array, data: string) => createHmac("sha256", key).update(data).digest();

/** The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677) without channel binding. */
export type ScramExchange = {
  readonly clientFirst: string;
  /** The answer to the server's first message. Throws an Error for a message that is none. */
  clientFinal(serverFirst: string): string;
};

export function scramExchange(password: string): ScramExchange {
  const nonce = randomBytes(18).toString("base64");
  const clientFirstBare = `n=,r=${nonce}`;
  return {
    clientFirst: `n,,${clientFirstBare}`,
    clientFinal(serverFirst) {
      const [, serverNonce, salt, iterations] = /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(serverFirst) ?? [];
      if (serverNonce === undefined || salt === undefined)
        throw new Error("the server speaks no SCRAM-SHA-256");
      const salted = pbkdf2Sync(password, Buffer.from(salt, "base64"), Number(iterations), 32, "sha256");
      const clientKey = hmac(salted, "Client Key");
      const withoutProof = `c=biws,r=${serverNonce}`;
      const signed = `${clientFirstBare},${serverFirst},${withoutProof}`;
      const signature = hmac(createHash("sha256").update(clientKey).digest(), signed);
      const proof = clientKey.map((byte, index) => byte ^ (signature[index] ?? 0));
      return `${withoutProof},p=${Buffer.from(proof).toString("base64")}`;
    },
  };
}
