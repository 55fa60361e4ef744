import type { RequestHandler } from "express";

/** Headers of every reply: caches must not store it, and browsers must not guess its type. */
export const STANDING_HEADERS = { "cache-control": "no-store", "x-content-type-options": "nosniff" } as const;

/** Sets the headers of every reply. */
export const standingHeaders: RequestHandler = (_req, res, next) => {
  for (const [name, value] of Object.entries(STANDING_HEADERS)) res.setHeader(name, value);
  next();
};
