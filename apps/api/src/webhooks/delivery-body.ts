import type { IncomingBody } from "@call-ledger/ingest";
import type { Request } from "express";
import { freeBytes } from "../http/free-bytes.ts";
import { senderAddress } from "../http/sender-address.ts";
import type { ArrivingBody } from "./arriving-body.ts";
import { arrivingBody, BodyAborted, declaredLength, firstBytes } from "./arriving-body.ts";
import type { BodyBudget, Room } from "./body-budget.ts";
import { bodyBudget, NoRoom } from "./body-budget.ts";
import { BodyTooLarge, inflating } from "./inflate.ts";

const MEGABYTE = 1024 * 1024;

/** A process with 512 MB has memory for it: a parsed body takes a few times the bytes of the body. */
const MIN_BUDGET_BYTES = 32 * MEGABYTE;
/** The budget is at least so many times the limit of a body, so that two of the largest bodies fit at the same time. */
const BODIES_OF_THE_LIMIT = 4;
const SMALL_BYTES = 65_536;
const ARRIVING_MS = 1_000;

/** The body of one request, and the room that it takes. */
type DeliveryBody = IncomingBody & {
  /** Frees the memory and the room of the body, which is empty afterwards. */
  release(): void;
};

/** The bytes that the bodies in flight take of their budget, their number, and the budget in bytes. */
type BodiesUsage = ReturnType<BodyBudget["used"]> & { readonly limit: number };

/** Reads the bodies of deliveries, all within one budget. */
export type DeliveryBodies = {
  /** The body of a request. Throws BodyTooLarge before any other check if the declared length is over the limit. */
  of(req: Request): DeliveryBody;
  readonly usage: () => BodiesUsage;
};

/**
 * Reads the bodies of deliveries, of any content type. The limit holds for the bytes on the wire and for the inflated
 * bytes. `read` throws BodyTooLarge, BodyTooSlow, BodyAborted or NoRoom; `verified` throws AccountOverShare.
 */
export function deliveryBodies(limitBytes: number): DeliveryBodies {
  const now = () => performance.now();
  const bytes = Math.max(MIN_BUDGET_BYTES, BODIES_OF_THE_LIMIT * limitBytes);
  const budget = bodyBudget({ bytes, smallBytes: SMALL_BYTES, arrivingMs: ARRIVING_MS }, now);
  const inflate = inflating(limitBytes);
  const bodyOf = (req: Request): DeliveryBody => {
    if ((declaredLength(req) ?? 0) > limitBytes) throw new BodyTooLarge();
    let room: Room | null = null;
    let body: Buffer | null = null;
    return {
      async read(accountId) {
        if (req.destroyed) throw new BodyAborted();
        const owner = accountId === null ? `address ${senderAddress(req)}` : accountOwner(accountId);
        let arriving: ArrivingBody | null = null;
        room = budget.admit(owner, firstBytes(req), () => arriving?.stop(new NoRoom()));
        if (req.headers.expect !== undefined) req.res?.writeContinue();
        arriving = arrivingBody(req, limitBytes, room.grow, now);
        body = await arriving.bytes;
        room.arrived();
        body = await inflate(body, req.headers["content-encoding"], room);
        return body;
      },
      verified: (accountId) => room?.moveTo(accountOwner(accountId)),
      release() {
        if (body !== null) freeBytes(body);
        room?.release();
      },
    };
  };
  return { of: bodyOf, usage: () => ({ ...budget.used(), limit: bytes }) };
}

function accountOwner(accountId: string): string {
  return `account ${accountId}`;
}
