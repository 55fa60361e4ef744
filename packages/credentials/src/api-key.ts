import { createHash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

/** A key as it is made: the text is its owner's and is kept nowhere, the rest is stored. */
export type ApiKey = {
  readonly key: string;
  /** The readable start, to recognise the key by. */
  readonly prefix: string;
  /** SHA-256 of the text. */
  readonly hash: Buffer;
};

const MARK = "clk_";
/** Of keys that were made before, which stay valid. */
const OLD_MARK = "cl_live_";
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** 62^43 > 2^256. */
const RANDOM_LENGTH = 43;
/** 62^6 > 2^32. */
const CHECKSUM_LENGTH = 6;
const PREFIX_LENGTH = MARK.length + 4;
const FORM = new RegExp(`^(?:${MARK}|${OLD_MARK})[0-9A-Za-z]{${RANDOM_LENGTH + CHECKSUM_LENGTH}}$`);

/**
 * A new key: `clk_`, 43 random letters and digits (256 bits), and 6 that are their CRC-32. The mark lets scanners
 * of source code find a key that leaked, the checksum tells a key from what only looks like one.
 */
export function newApiKey(): ApiKey {
  const body = MARK + randomText(RANDOM_LENGTH);
  const key = body + checksum(body);
  return { key, prefix: key.slice(0, PREFIX_LENGTH), hash: hashOf(key) };
}

/**
 * What a key is looked up by; `null` for text that is no key, which nobody need be asked about.
 * A plain hash is enough, because the keys are random: there are no likely ones to try.
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

/** Every digit equally likely: bytes beyond the last whole multiple of 62 are thrown away. */
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
