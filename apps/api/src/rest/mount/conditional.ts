import { createHash } from "node:crypto";
import type { Request } from "express";

/** The entity tag of an answer's text. It is weak, because a proxy may compress the answer. */
export function entityTag(text: string): string {
  return `W/"${createHash("sha256").update(text).digest("base64url").slice(0, 27)}"`;
}

/** Whether the client already has this answer (RFC 9110, 13.1.2). */
export function isKnown({ headers }: Pick<Request, "headers">, tag: string): boolean {
  const given = headers["if-none-match"];
  if (given === undefined) return false;
  return given.trim() === "*" || given.split(",").some((one) => opaque(one) === opaque(tag));
}

/** The part of a tag that a weak comparison compares. */
function opaque(tag: string): string {
  return tag.trim().replace(/^W\//, "");
}
