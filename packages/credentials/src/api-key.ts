import { createHash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

/** A new key. Its text goes to its owner and is stored nowhere; prefix and hash are stored. */
export type ApiKey = {
  readonly key: string;
  /** The first characters of the key, by which people recognise it. */
  readonly prefix: string;
  /** SHA-256 of the text. */
  readonly hash: Buffer;
};

const MARK = "clk_";
/** The mark of keys that older releases made. These keys stay valid. */
const OLD_MARK = "cl_live_";
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** 62^43 > 2^256. */
const RANDOM_LENGTH = 43;
/** 62^6 > 2^32. */
const CHECKSUM_LENGTH = 6;
const PREFIX_LENGTH = MARK.length + 4;
const FORM = new RegExp(`^(?:${MARK}|${OLD_MARK})[0-9A-Za-z]{${RANDOM_LENGTH + CHECKSUM_LENGTH}}$`);

/**
 * Returns a new key: `clk_`, 43 random letters and digits (256 bits), and 6 that are their CRC-32. The mark lets
 * scanners of source code find a leaked key. The checksum distinguishes a key from similar text.
 */
export function newApiKey(): ApiKey {
  const body = MARK + randomText(RANDOM_LENGTH);
  const key = body + checksum(body);
  return { key, prefix: key.slice(0, PREFIX_LENGTH), hash: hashOf(key) };
}

/**
 * Returns the hash by which a key is looked up; `null` for text that is not a key, so that no look-up is needed. A
 * plain hash is enough, because the keys are random and cannot be guessed.
 */
export function apiKeyHash(text: string): Buffer | null {
  if (!FORM.test(text)) return null;
  const body = text.slice(0, -CHECKSUM_LENGTH);
  return text === body + checksum(body) ? hashOf(text) : null;
}

function hashOf(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

function checksum(body: string): string {
  let rest = crc32(body);
  let text = "";
  for (let place = 0; place < CHECKSUM_LENGTH; place += 1) {
    text = DIGITS.charAt(rest % DIGITS.length) + text;
    rest = Math.floor(rest / DIGITS.length);
  }
  return text;
}

/** Every digit is equally likely, because bytes from the last whole multiple of 62 on are thrown away. */
function randomText(length: number): string {
  const fair = 256 - (256 % DIGITS.length);
  let text = "";
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < fair && text.length < length) text += DIGITS.charAt(byte % DIGITS.length);
    }
  }
  return text;
}
