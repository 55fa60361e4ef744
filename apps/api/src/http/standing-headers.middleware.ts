import type { RequestHandler } from "express";

/** Headers of every reply: nothing here is for a cache or a browser to interpret. */
export const standingHeaders: RequestHandler = (_req, res, next) => {
  res.setHeader("cache-control", "no-store");
  res.setHeader("x-content-type-options", "nosniff");
  next();
};
