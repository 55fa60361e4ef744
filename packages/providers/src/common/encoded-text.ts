/** Shorter texts hold no secret. Longer ones are not decoded, because that would take longer than it is worth. */
const MIN_ENCODED = 16;
const MAX_ENCODED = 65_536;

const BASE64 = /^(?:data:[^,]{0,100};base64,)?([\w+/-]{16,}={0,2})$/;
/** Characters that no readable text has. */
const UNREADABLE = /\ufffd|(?![\t\n\r])\p{Cc}/u;

/** Returns the meaning of a text that is percent-encoded, or base64 of readable text; `null` if it is neither. */
export function decodedText(text: string): string | null {
  if (text.length < MIN_ENCODED || text.length > MAX_ENCODED) return null;
  return text.includes("%") ? percentDecoded(text) : base64Decoded(text);
}

/** Returns `null` if the text is not percent-encoded UTF-8. */
export function percentDecoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function base64Decoded(text: string): string | null {
  const [, encoded] = BASE64.exec(text) ?? [];
  if (encoded === undefined) return null;
  const decoded = Buffer.from(encoded, "base64").toString();
  return UNREADABLE.test(decoded) ? null : decoded;
}
