import type { DeliveryToRecord } from "@call-ledger/db/write";
import type { WriteQueue } from "../metrics/readings.ts";

export type QueueTally = {
  /** Counts a delivery until it is answered. */
  answering<Answer>(delivery: DeliveryToRecord, answer: () => Promise<Answer>): Promise<Answer>;
  /** Counts a batch until it is written. */
  writing<Answer>(batch: readonly DeliveryToRecord[], write: () => Promise<Answer>): Promise<Answer>;
  queue(): WriteQueue;
};

/** How many deliveries wait for a write: those without an answer, but for those that are being written. */
export function queueTally(): QueueTally {
  let [unanswered, unansweredCharacters, writing, writingCharacters] = [0, 0, 0, 0];
  return {
    async answering(delivery, answer) {
      const characters = delivery.payload.length;
      unanswered += 1;
      unansweredCharacters += characters;
      try {
        return await answer();
      } finally {
        unanswered -= 1;
        unansweredCharacters -= characters;
      }
    },
    async writing(batch, write) {
      const characters = batch.reduce((sum, { payload }) => sum + payload.length, 0);
      writing += batch.length;
      writingCharacters += characters;
      try {
        return await write();
      } finally {
        writing -= batch.length;
        writingCharacters -= characters;
      }
    },
    // What was written is answered a moment later.
    queue: () => ({
      deliveries: Math.max(0, unanswered - writing),
      characters: Math.max(0, unansweredCharacters - writingCharacters),
      writing,
    }),
  };
}
