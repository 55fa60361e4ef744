import type { RequestHandler } from "express";
import { declaredLength } from "./arriving-body.ts";
import { byteBudget, NoRoom } from "./byte-budget.ts";
import { senderAddress } from "./sender-address.ts";

const MEGABYTE = 1024 * 1024;

/** The connection of a body that nobody reads yet keeps so much of it. */
const KEPT_BYTES = 65_536;

/**
 * Limits the memory of bodies that wait unread in their connections, for example while the database looks for the
 * account of the sender. If there is no room, the oldest of the sender with the most of them gets 503.
 */
export function limitUnreadBodies(): RequestHandler {
  const limits = { bytes: 32 * MEGABYTE, smallBytes: KEPT_BYTES, arrivingMs: 0 };
  const budget = byteBudget(limits, () => performance.now());
  return (req, res, next) => {
    const bytes = Math.min(declaredLength(req) ?? KEPT_BYTES, KEPT_BYTES);
    if (bytes > 0) {
      const room = budget.admit(`address ${senderAddress(req)}`, bytes, () => next(new NoRoom()));
      req.once("resume", room.release);
      res.once("close", room.release);
    }
    next();
  };
}
