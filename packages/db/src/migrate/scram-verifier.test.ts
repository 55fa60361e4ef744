import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { scramVerifier } from "./scram-verifier.ts";

test("each verifier has a new salt and does not contain the password", () => {
  const [one, other] = [scramVerifier("pencil-and-paper"), scramVerifier("pencil-and-paper")];
  expect(one).toMatch(/^SCRAM-SHA-256\$4096:[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$/);
  expect(one).not.toBe(other);
  expect(one).not.toContain("pencil");
});

test("the verifier gives the server's signature of the exchange in RFC 7677, section 3", () => {
  const salt = "W22ZaJ0SNY7soEsUEjb6gQ==";
  const nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
  const messages = `n=user,r=rOprNGfwEbeRWgbNEkqO,r=${nonce},s=${salt},i=4096,c=biws,r=${nonce}`;
  const serverKey = scramVerifier("pencil", Buffer.from(salt, "base64")).split(":").at(-1) ?? "";
  const signature = createHmac("sha256", Buffer.from(serverKey, "base64")).update(messages).digest("base64");
  expect(signature).toBe("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
});

test.each(["", "naïve", "tab\t"])("a password that SASLprep would change is refused: %j", (password) => {
  expect(() => scramVerifier(password)).toThrow("printable ASCII");
});
