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

/** 512 MB hold it beside the program: what is read of a body is a few times as large. */
const MIN_BUDGET_BYTES = 32 * MEGABYTE;
/** So that a body of the limit has room in its own part and beside another one. */
const BODIES_OF_THE_LIMIT = 4;
const SMALL_BYTES = 65_536;
const ARRIVING_MS = 1_000;

/** The body of one request, and the room that it takes. */
type DeliveryBody = IncomingBody & {
  /** Gives its memory back; the body is empty afterwards. */
  release(): void;
};

/** What the bodies in flight take of their budget, in bytes. */
type BodiesUsage = ReturnType<BodyBudget["used"]> & { readonly limit: number };

/** Reads the bodies of deliveries, all within one budget. */
export type DeliveryBodies = {
  /** Throws BodyTooLarge for a declared length over the limit, before anything else is looked at. */
  of(req: Request): DeliveryBody;
  readonly usage: () => BodiesUsage;
};

/**
 * The bodies of deliveries, whatever type they claim to be, up to a limit that holds for the bytes on the wire and for
 * what they inflate to. `read` throws BodyTooLarge, BodyTooSlow,
 * BodyAborted or NoRoom, `verified` AccountOverShare.
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
