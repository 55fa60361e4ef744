import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";

/** A random token. The text goes to its owner, and only the hash is stored. */
export type Token = { readonly token: string; readonly hash: Buffer };

/** The prefix of a session's token. `LINK_PREFIX` is that of a link that signs a person in once. */
export const SESSION_PREFIX = "cls_";
export const LINK_PREFIX = "cll_";

const TOKEN_BYTES = 32;
/** 32 bytes as base64url. */
const FORM = /^[A-Za-z0-9_-]{43}$/;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Returns a token of 256 random bits with a prefix that names its purpose. */
export function newToken(prefix: string): Token {
  const token = prefix + randomBytes(TOKEN_BYTES).toString("base64url");
  return { token, hash: sha256(token) };
}

/** Returns a new secret for signed webhooks in the form of Standard Webhooks: `whsec_` and 32 bytes in base64. */
export function newSigningSecret(): string {
  return `whsec_${randomBytes(TOKEN_BYTES).toString("base64")}`;
}

/** Returns the hash by which a token is looked up; `null` for text that is not a token with this prefix. */
export function tokenHash(text: string, prefix: string): Buffer | null {
  return text.startsWith(prefix) && FORM.test(text.slice(prefix.length)) ? sha256(text) : null;
}

/** Encrypts text with AES-256-GCM under a key made from the token, so that only the owner of the token can read it. */
export function sealWithToken(text: string, token: string, place: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", sealingKey(token, place), nonce, { authTagLength: TAG_BYTES });
  const hidden = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([nonce, hidden, cipher.getAuthTag()]);
}

/**
 * Returns the text that was sealed with this token for this place. Throws an Error of Node if the token or the place is
 * another.
 */
export function openWithToken(sealed: Uint8Array, token: string, place: string): string {
  const bytes = Buffer.from(sealed);
  const key = sealingKey(token, place);
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  const hidden = bytes.subarray(NONCE_BYTES, -TAG_BYTES);
  return Buffer.concat([decipher.update(hidden), decipher.final()]).toString("utf8");
}

function sealingKey(token: string, place: string): Buffer {
  return Buffer.from(hkdfSync("sha256", token, "", `call-ledger reply ${place}`, 32));
}

export function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
