import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

/** The same count as Postgres uses for the passwords that it hashes itself. */
const ITERATIONS = 4_096;
const SALT_BYTES = 16;
const DIGEST_BYTES = 32;
const PRINTABLE_ASCII = /^[\x20-\x7e]+$/;

/**
 * Returns the form in which Postgres stores a password (RFC 5803). So the statement that sets a password, and a log of
 * statements, does not contain it. Throws an Error for a password with characters other than printable ASCII, which
 * SASLprep (RFC 4013) would change first.
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(SALT_BYTES)): string {
  if (!PRINTABLE_ASCII.test(password)) throw new Error("a password must be printable ASCII");
  const salted = pbkdf2Sync(password, salt, ITERATIONS, DIGEST_BYTES, "sha256");
  const key = (label: string) => createHmac("sha256", salted).update(label).digest();
  const stored = createHash("sha256").update(key("Client Key")).digest("base64");
  const server = key("Server Key").toString("base64");
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString("base64")}$${stored}:${server}`;
}
