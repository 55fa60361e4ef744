import type { RequestHandler } from "express";

/** Headers of every reply: nothing here is for a cache or a browser to interpret. */
export const STANDING_HEADERS = { "cache-control": "no-store", "x-content-type-options": "nosniff" } as const;

/** Sets them. */
export const standingHeaders: RequestHandler = (_req, res, next) => {
  for (const [name, value] of Object.entries(STANDING_HEADERS)) res.setHeader(name, value);
  next();
};
