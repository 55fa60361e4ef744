import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { newToken, openWithToken, sealWithToken, tokenHash } from "./token.ts";

test("a token has a hash only with its own prefix", () => {
  const { token, hash } = newToken("cls_");
  expect(token).toMatch(/^cls_[A-Za-z0-9_-]{43}$/);
  expect(hash).toEqual(createHash("sha256").update(token).digest());
  expect(tokenHash(token, "cls_")).toEqual(hash);
  expect(tokenHash(token, "cll_")).toBeNull();
  for (const text of ["", "cls_", `${token}0`, ` ${token}`, token.slice(0, -1)]) {
    expect(tokenHash(text, "cls_"), text).toBeNull();
  }
});

test("sealed text opens only with its token and for its place", () => {
  const { token } = newToken("cls_");
  const sealed = sealWithToken("a key, shown once", token, "first");
  expect(sealed.includes("shown once")).toBe(false);
  expect(openWithToken(sealed, token, "first")).toBe("a key, shown once");
  expect(() => openWithToken(sealed, newToken("cls_").token, "first")).toThrow();
  expect(() => openWithToken(sealed, token, "second")).toThrow();
  sealed[20] = (sealed[20] ?? 0) ^ 1;
  expect(() => openWithToken(sealed, token, "first")).toThrow();
});
