import { createHmac, hkdfSync, randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { sha256 } from "./token.ts";

/** The object that a link gives access to, and the end of its validity. */
export type SignedLink = {
  /** The storage key of the recording. */
  readonly key: string;
  /** The version of the recording's content. The link is valid for these bytes only. */
  readonly version: string;
  /** Seconds since 1970. */
  readonly expires: number;
};

export type LinkSigner = {
  /** Returns the signature as base64url. */
  sign(link: SignedLink): Promise<string>;
  /** Returns whether the signature is one of ours for exactly this link, in constant time. Does not check `expires`. */
  isSigned(link: SignedLink, signature: string): Promise<boolean>;
};

/** The secrets from which the signing key is made. Processes with the same secrets accept each other's links. */
export type LinkSecrets = {
  readonly encryptionKey: string | null;
  /** The first one signs, and all of them verify, so that a rotation breaks no link. */
  readonly webhookSecrets: readonly string[];
};

const PURPOSE = "call-ledger links to recordings";

/**
 * Signs links with HMAC-SHA256. The key is derived from the encryption key. Without one it is derived from the webhook
 * secrets and stretched by scrypt, because a person may have chosen them and a link lets an attacker test guesses.
 * Without either the key is random, and links are valid in this process only.
 */
export function linkSigner(secrets: LinkSecrets): LinkSigner {
  let keys: Promise<readonly Buffer[]> | null = null;
  const signingKeys = () => {
    keys ??= keysFrom(secrets);
    return keys;
  };
  return {
    async sign(link) {
      const [key] = await signingKeys();
      if (key === undefined) throw new Error("there is no key to sign links with");
      return signatureOf(link, key).toString("base64url");
    },
    async isSigned(link, signature) {
      let signed = false;
      for (const key of await signingKeys()) {
        const expected = signatureOf(link, key).toString("base64url");
        signed = timingSafeEqual(sha256(expected), sha256(signature)) || signed;
      }
      return signed;
    },
  };
}

async function keysFrom({ encryptionKey, webhookSecrets }: LinkSecrets): Promise<readonly Buffer[]> {
  if (encryptionKey !== null) return [Buffer.from(hkdfSync("sha256", encryptionKey, "", PURPOSE, 32))];
  if (webhookSecrets.length === 0) return [randomBytes(32)];
  return Promise.all(webhookSecrets.map(stretched));
}

function stretched(secret: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // This takes about 0.1 s and 32 MiB, once.
    const cost = { N: 32_768, r: 8, p: 1, maxmem: 64 * 1_048_576 };
    scrypt(secret, PURPOSE, 32, cost, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}

/** No part contains a line break: we make keys and versions ourselves, and an expiry is a number. */
function signatureOf({ key, version, expires }: SignedLink, signingKey: Buffer): Buffer {
  return createHmac("sha256", signingKey).update(`${key}\n${version}\n${expires}`).digest();
}
