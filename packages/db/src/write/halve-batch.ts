import { DbError } from "../client/pg-error.ts";

const MAX_REPETITIONS = 5;

export type BatchWrite<Item, Result> = {
  /** Writes a batch, all or nothing. The results are in the order of the items. Throws DbError. */
  write(batch: readonly Item[]): Promise<readonly Result[]>;
  /** Returns whether the same batch can succeed a moment later. */
  passesLater(error: DbError): boolean;
  /**
   * Returns the results of a batch that can be neither repeated nor halved: refused as one item, or failed otherwise.
   * May throw.
   */
  giveUp(batch: readonly Item[], error: DbError): Promise<readonly Result[]>;
};

/**
 * Writes a batch. A batch that can succeed later is repeated up to five times. A batch that the database refuses is
 * halved until the refused item is alone. Throws the errors of `giveUp`, and errors of `write` that are not DbErrors.
 */
export async function writeHalving<Item, Result>(
  batch: readonly Item[],
  { write, passesLater, giveUp }: BatchWrite<Item, Result>,
): Promise<Result[]> {
  for (let repetition = 0; ; repetition += 1) {
    try {
      return batch.length === 0 ? [] : [...(await write(batch))];
    } catch (error) {
      if (!(error instanceof DbError)) throw error;
      if (passesLater(error) && repetition < MAX_REPETITIONS) continue;
      if (error.kind !== "refused" || batch.length === 1) return [...(await giveUp(batch, error))];
      const middle = Math.ceil(batch.length / 2);
      const head = await writeHalving(batch.slice(0, middle), { write, passesLater, giveUp });
      return [...head, ...(await writeHalving(batch.slice(middle), { write, passesLater, giveUp }))];
    }
  }
}
