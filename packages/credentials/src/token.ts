import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";

/** A random token: the text is for whoever gets it, the hash is what is stored. */
export type Token = { readonly token: string; readonly hash: Buffer };

/** What the token of a session begins with, and that of a link that becomes one, once. */
export const SESSION_PREFIX = "cls_";
export const LINK_PREFIX = "cll_";

const TOKEN_BYTES = 32;
/** 32 bytes as base64url. */
const FORM = /^[A-Za-z0-9_-]{43}$/;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** 256 random bits behind a prefix that says what they are for. */
export function newToken(prefix: string): Token {
  const token = prefix + randomBytes(TOKEN_BYTES).toString("base64url");
  return { token, hash: sha256(token) };
}

/** A new key for signed webhooks, as Standard Webhooks writes it: `whsec_` and 32 bytes in base64. */
export function newSigningSecret(): string {
  return `whsec_${randomBytes(TOKEN_BYTES).toString("base64")}`;
}

/** What a token is looked up by; `null` for text that is no token with this prefix. */
export function tokenHash(text: string, prefix: string): Buffer | null {
  return text.startsWith(prefix) && FORM.test(text.slice(prefix.length)) ? sha256(text) : null;
}

/** Seals text so that only whoever shows the credential again can read it (AES-256-GCM under a key made of it). */
export function sealWithToken(text: string, token: string, place: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", sealingKey(token, place), nonce, { authTagLength: TAG_BYTES });
  const hidden = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([nonce, hidden, cipher.getAuthTag()]);
}

/** The text that was sealed with this credential for this place. Throws an Error of Node for any other. */
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

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
