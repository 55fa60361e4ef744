import type { ChangePlace } from "@call-ledger/db/read";

const FORM =
  /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})~(\d{13})~(\d{1,20}:\d{1,20}:(?:\d{1,20}(?:,\d{1,20}){0,999})?)$/;

/** A place as the id of an event. */
export function idOfPlace({ epoch, at, snapshot }: ChangePlace): string {
  return `${epoch}~${Date.parse(at)}~${snapshot}`;
}

/** The place that an event's id names; `null`: the id was not made by `idOfPlace`. */
export function placeOfId(id: string): ChangePlace | null {
  const [, epoch, at, snapshot] = FORM.exec(id) ?? [];
  if (epoch === undefined || at === undefined || snapshot === undefined || !isOrdered(snapshot)) return null;
  return { epoch, at: new Date(Number(at)).toISOString(), snapshot };
}

/**
 * Whether Postgres accepts the text of a snapshot, `min:max:running`. `min` is not 0 and at most `max`; the running
 * transactions are in ascending order, from `min` to below `max`.
 */
function isOrdered(snapshot: string): boolean {
  const [min = "", max = "", running = ""] = snapshot.split(":");
  const all = [BigInt(min), ...running.split(",").flatMap((xid) => (xid === "" ? [] : [BigInt(xid)]))];
  const last = BigInt(max);
  const first = all[0] ?? 0n;
  const rest = all.slice(1);
  return (
    first > 0n &&
    first <= last &&
    last < 2n ** 63n &&
    rest.every((xid, place) => xid >= first && xid < last && (place === 0 || xid > (rest[place - 1] ?? 0n)))
  );
}
