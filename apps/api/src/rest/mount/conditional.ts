import { createHash } from "node:crypto";
import type { Request } from "express";

/** An entity tag of an answer's text; weak, because a proxy may compress it. */
export function entityTag(text: string): string {
  return `W/"${createHash("sha256").update(text).digest("base64url").slice(0, 27)}"`;
}

/** Whether a program that asks has this answer already (RFC 9110, 13.1.2). */
export function isKnown({ headers }: Pick<Request, "headers">, tag: string): boolean {
  const given = headers["if-none-match"];
  if (given === undefined) return false;
  return given.trim() === "*" || given.split(",").some((one) => opaque(one) === opaque(tag));
}

/** Compared weakly. */
function opaque(tag: string): string {
  return tag.trim().replace(/^W\//, "");
}
