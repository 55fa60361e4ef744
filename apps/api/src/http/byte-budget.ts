import { AccountOverShare } from "@call-ledger/ingest";

/** There is no room for a body at the moment. The sender may try again. */
export class NoRoom extends Error {
  override readonly name = "NoRoom";
}

export type ByteBudgetLimits = {
  /** The budget of all bodies together: as they came and inflated, until they are answered. */
  readonly bytes: number;
  /** A body of at most so many bytes may displace any body that is still arriving. */
  readonly smallBytes: number;
  /** A larger body may displace only bodies that have been arriving for so long. */
  readonly arrivingMs: number;
};

/** The room of one body. */
export type Room = {
  /** Takes so many bytes more. Throws NoRoom. */
  grow(bytes: number): void;
  /** Gives so many bytes back. */
  shrink(bytes: number): void;
  /** The body has arrived. From now on it is not displaced. */
  arrived(): void;
  /** The body is verified: its bytes count for the account from now on. Throws AccountOverShare. */
  moveTo(account: string): void;
  release(): void;
};

export type ByteBudget = {
  /**
   * Takes room for a body of so many bytes. `giveWay` is called, at most once, when another body displaces it.
   * Throws NoRoom.
   */
  admit(owner: string, bytes: number, giveWay: () => void): Room;
  /** The bytes that are taken, and the number of bodies that took them. */
  used(): { readonly bytes: number; readonly bodies: number };
};

/** The memory of a request without its body. */
const REQUEST_BYTES = 4_096;

type Holding = {
  owner: string;
  bytes: number;
  readonly since: number;
  arriving: boolean;
  isOver: boolean;
  giveWay(): void;
};

type Owner = { bytes: number; readonly arriving: Set<Holding> };

/**
 * One budget of bytes for all bodies that are received or answered. An owner is the address of a sender who is not
 * verified yet, or an account. An owner may take as many bytes as it leaves free (Choudhury and Hahne's dynamic
 * threshold). So a single owner gets half of the budget, and however many owners take their share, there is room for
 * one more. If there is no room, a body that is still arriving is displaced: the oldest of the same owner, or else the
 * oldest of the owner with the most bytes. So senders who are slow on purpose displace each other, and a small
 * delivery, which arrives in one piece, displaces them.
 */
export function byteBudget(limits: ByteBudgetLimits, now: () => number): ByteBudget {
  const owners = new Map<string, Owner>();
  let total = 0;
  let bodies = 0;

  const take = (holding: Holding, bytes: number): void => {
    holding.bytes += bytes;
    total += bytes;
    ownerIn(owners, holding.owner).bytes += bytes;
  };
  const leave = (holding: Holding): void => {
    const owner = ownerIn(owners, holding.owner);
    owner.bytes -= holding.bytes;
    owner.arriving.delete(holding);
    if (owner.bytes === 0) owners.delete(holding.owner);
  };
  const release = (holding: Holding): void => {
    if (holding.isOver) return;
    holding.isOver = true;
    total -= holding.bytes;
    bodies -= 1;
    leave(holding);
  };
  const hasRoom = (name: string, bytes: number): boolean =>
    (owners.get(name)?.bytes ?? 0) + bytes <= limits.bytes - total - bytes;
  /** Displaces other bodies until the bytes fit. Throws NoRoom. */
  const makeRoom = (name: string, bytes: number, whole: number, self: Holding | null): void => {
    while (!hasRoom(name, bytes)) {
      const first = firstToGo(owners, name, self);
      const isOld = first !== undefined && now() - first.since >= limits.arrivingMs;
      if (first === undefined || (whole > limits.smallBytes && !isOld)) throw new NoRoom();
      release(first);
      first.giveWay();
    }
  };

  return {
    admit(owner, bodyBytes, giveWay) {
      const bytes = bodyBytes + REQUEST_BYTES;
      makeRoom(owner, bytes, bodyBytes, null);
      const holding: Holding = { owner, bytes: 0, since: now(), arriving: true, isOver: false, giveWay };
      take(holding, bytes);
      bodies += 1;
      ownerIn(owners, owner).arriving.add(holding);
      return {
        grow(more) {
          if (holding.isOver) throw new NoRoom();
          makeRoom(holding.owner, more, holding.bytes + more, holding);
          take(holding, more);
        },
        shrink(less) {
          if (!holding.isOver) take(holding, -less);
        },
        arrived() {
          holding.arriving = false;
          owners.get(holding.owner)?.arriving.delete(holding);
        },
        moveTo(account) {
          if (holding.isOver || holding.owner === account) return;
          const isOverShare = (owners.get(account)?.bytes ?? 0) + holding.bytes > limits.bytes - total;
          if (isOverShare) throw new AccountOverShare();
          leave(holding);
          holding.owner = account;
          ownerIn(owners, account).bytes += holding.bytes;
        },
        release: () => release(holding),
      };
    },
    used: () => ({ bytes: total, bodies }),
  };
}

function ownerIn(owners: Map<string, Owner>, name: string): Owner {
  const known = owners.get(name);
  if (known !== undefined) return known;
  const added: Owner = { bytes: 0, arriving: new Set() };
  owners.set(name, added);
  return added;
}

function firstToGo(
  owners: ReadonlyMap<string, Owner>,
  name: string,
  except: Holding | null,
): Holding | undefined {
  const own = owners.get(name);
  const ownFirst = own && oldestOf(own, except);
  if (ownFirst !== undefined) return ownFirst;
  let largest: Owner | undefined;
  for (const owner of owners.values()) {
    if (oldestOf(owner, except) !== undefined && owner.bytes > (largest?.bytes ?? 0)) largest = owner;
  }
  return largest && oldestOf(largest, except);
}

function oldestOf({ arriving }: Owner, except: Holding | null): Holding | undefined {
  for (const holding of arriving) if (holding !== except) return holding;
  return undefined;
}
