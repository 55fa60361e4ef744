import type { IncomingBody } from "@call-ledger/ingest";
import { freeBytes } from "@call-ledger/process/memory";
import type { Request } from "express";
import type { ArrivingBody } from "./arriving-body.ts";
import { arrivingBody, BodyAborted, BodyTooLarge, declaredLength, firstBytes } from "./arriving-body.ts";
import type { ByteBudget, Room } from "./byte-budget.ts";
import { byteBudget, NoRoom } from "./byte-budget.ts";
import { dropped } from "./collect-soon.ts";
import { inflatedBytes, inflating } from "./inflate.ts";
import { roomLine } from "./room-line.ts";
import { senderAddress } from "./sender-address.ts";

const MEGABYTE = 1024 * 1024;

/** A process with 512 MB has memory for it: a parsed body takes a few times the bytes of the body. */
const MIN_BUDGET_BYTES = 20 * MEGABYTE;
/** The budget is at least so many times the limit of a body, so that two of the largest bodies fit at the same time. */
const BODIES_OF_THE_LIMIT = 4;
const SMALL_BYTES = 65_536;
const ARRIVING_MS = 1_000;

/** The body of one request, and the room that it takes. */
type RequestBody = IncomingBody & {
  /** Frees the memory and the room of the body, which is empty afterwards. */
  release(): void;
};

/** What the bodies that are received or answered take of their budget: bytes and number, and the budget in bytes. */
type BodiesUsage = ReturnType<ByteBudget["used"]> & { readonly limit: number };

/** Reads the bodies of requests, all within one budget. */
export type RequestBodies = {
  /**
   * The body of a request, of at most `maxBytes` if that is below the limit of all bodies. Throws BodyTooLarge before
   * any other check if the declared length is over the limit.
   */
  of(req: Request, maxBytes?: number): RequestBody;
  readonly usage: () => BodiesUsage;
};

/**
 * Reads the bodies of requests, of any content type. The limit holds for the bytes on the wire and for the inflated
 * bytes. `read` throws BodyTooLarge, BodyTooSlow, BodyAborted or NoRoom; `verified` throws AccountOverShare.
 */
export function requestBodies(limitBytes: number): RequestBodies {
  const now = () => performance.now();
  const bytes = Math.max(MIN_BUDGET_BYTES, BODIES_OF_THE_LIMIT * limitBytes);
  const budget = byteBudget({ bytes, smallBytes: SMALL_BYTES, arrivingMs: ARRIVING_MS }, now);
  /** Senders whose headers prove their account do not wait behind strangers. */
  const lines = { proven: roomLine(), unproven: roomLine() };
  const freed = (): void => {
    lines.proven.freed();
    lines.unproven.freed();
  };
  const inflate = inflating();
  const bodyOf = (req: Request, maxBytes = limitBytes): RequestBody => {
    if ((declaredLength(req) ?? 0) > maxBytes) throw new BodyTooLarge();
    let room: Room | null = null;
    let body: Buffer | null = null;
    let length = 0;
    return {
      async read(accountId) {
        if (req.destroyed || req.res?.headersSent) throw new BodyAborted();
        const owner = accountId === null ? `address ${senderAddress(req)}` : accountOwner(accountId);
        const { whenRoom } = accountId === null ? lines.unproven : lines.proven;
        const coding = req.headers["content-encoding"];
        // A body that waited for this room after it has arrived would keep the room that others wait for.
        const toInflate = inflatedBytes(declaredLength(req) ?? maxBytes, coding, maxBytes);
        let arriving: ArrivingBody | null = null;
        let isDisplaced = false;
        const giveWay = (): void => {
          isDisplaced = true;
          arriving?.stop(new NoRoom());
        };
        room = await whenRoom(owner, () => budget.admit(owner, firstBytes(req) + toInflate, giveWay));
        if (isDisplaced) throw new NoRoom();
        if (req.destroyed) throw new BodyAborted();
        if (req.headers.expect !== undefined) req.res?.writeContinue();
        arriving = arrivingBody(req, maxBytes, room.grow, now);
        body = await arriving.bytes;
        room.arrived();
        const taken = body.length + toInflate;
        length = body.length;
        body = await inflate(body, coding, maxBytes);
        if (toInflate > 0) {
          room.shrink(taken - body.length);
          freed();
        }
        return body;
      },
      verified: (accountId) => room?.moveTo(accountOwner(accountId)),
      release() {
        if (body !== null) freeBytes(body);
        dropped(length);
        room?.release();
        freed();
      },
    };
  };
  return { of: bodyOf, usage: () => ({ ...budget.used(), limit: bytes }) };
}

function accountOwner(accountId: string): string {
  return `account ${accountId}`;
}
