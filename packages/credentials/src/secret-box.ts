import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

/** The owner and the use of a secret. A sealed secret opens only for the same owner and use. */
export type SealedFor =
  | { readonly accountId: string; readonly use: "webhook secret" | "api key" }
  | { readonly channelId: string; readonly use: "alert channel" };

/** Encrypts the secrets of provider accounts and of alert channels for storage. */
export type SecretBox = {
  seal(secret: string, place: SealedFor): Buffer;
  /** Throws SecretUnreadable if the secret was sealed for another place or with another key, or is damaged. */
  open(sealed: Uint8Array, place: SealedFor): string;
};

/**
 * A sealed secret cannot be opened: it was sealed with another key or for another place, or it is damaged. The cipher
 * cannot tell which.
 */
export class SecretUnreadable extends Error {
  override readonly name = "SecretUnreadable";
}

/** The first byte of every sealed secret, so that a later release can use another format. */
const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEX = /^[0-9a-f]{64}$/i;

/**
 * Encrypts with AES-256-GCM under a key derived from `encryptionKey` (32 bytes as base64 or hex). A sealed secret is
 * the version, a random nonce, the ciphertext and the tag. The tag also authenticates the owner's id and the use.
 * Throws a RangeError for a key of another size.
 */
export function secretBox(encryptionKey: string): SecretBox {
  const key = sealingKey(encryptionKey);
  return {
    seal(secret, place) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(contextOf(place));
      const hidden = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
      return Buffer.concat([Buffer.of(VERSION), nonce, hidden, cipher.getAuthTag()]);
    },
    open(sealed, place) {
      const bytes = Buffer.from(sealed);
      if (bytes[0] !== VERSION || bytes.length < 1 + NONCE_BYTES + TAG_BYTES) throw new SecretUnreadable();
      const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
      const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(contextOf(place));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        const hidden = bytes.subarray(1 + NONCE_BYTES, -TAG_BYTES);
        return Buffer.concat([decipher.update(hidden), decipher.final()]).toString("utf8");
      } catch {
        throw new SecretUnreadable();
      }
    },
  };
}

function sealingKey(encryptionKey: string): Buffer {
  const bytes = Buffer.from(encryptionKey, HEX.test(encryptionKey) ? "hex" : "base64");
  if (bytes.length !== 32) throw new RangeError("an encryption key has 32 bytes");
  return Buffer.from(hkdfSync("sha256", bytes, "", "call-ledger secrets of provider accounts", 32));
}

function contextOf(place: SealedFor): Buffer {
  const id = place.use === "alert channel" ? place.channelId : place.accountId;
  return Buffer.from(`${place.use}\n${id.toLowerCase()}`);
}
