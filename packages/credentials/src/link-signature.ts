import { createHash, createHmac, hkdfSync, randomBytes, scrypt, timingSafeEqual } from "node:crypto";

/** What a link lets its holder fetch, and until when. */
export type SignedLink = {
  /** What is fetched. */
  readonly key: string;
  /** What it is made of: a link is for these bytes. */
  readonly version: string;
  /** Seconds since 1970. */
  readonly expires: number;
};

export type LinkSigner = {
  /** base64url. */
  sign(link: SignedLink): Promise<string>;
  /** Whether the signature is one of ours for exactly this link, in constant time. Says nothing about its age. */
  isSigned(link: SignedLink, signature: string): Promise<boolean>;
};

/** What the signing key is made from; processes that share it accept each other's links. */
export type LinkSecrets = {
  readonly encryptionKey: string | null;
  /** The first one signs; all of them verify, so that a rotation breaks no link. */
  readonly webhookSecrets: readonly string[];
};

const PURPOSE = "call-ledger links to recordings";

/**
 * Signs links by HMAC-SHA256. The key is derived from the encryption key; without one from the webhook secrets,
 * stretched by scrypt, because a person may have chosen them and every link is something to test a guess against;
 * without either it is random, and links hold in this process alone.
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
        signed = timingSafeEqual(digest(expected), digest(signature)) || signed;
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
    // About a tenth of a second and 32 MiB, once.
    const cost = { N: 32_768, r: 8, p: 1, maxmem: 64 * 1_048_576 };
    scrypt(secret, PURPOSE, 32, cost, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}

/** None of the parts has a line break: keys and versions are made by us, an expiry is a number. */
function signatureOf({ key, version, expires }: SignedLink, signingKey: Buffer): Buffer {
  return createHmac("sha256", signingKey).update(`${key}\n${version}\n${expires}`).digest();
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
