import type { PreparedDelivery } from "@call-ledger/db/write";

/** What waits in this process for a write, in deliveries and in characters of payload. */
export type WriteQueue = {
  readonly deliveries: number;
  readonly characters: number;
  /** Deliveries that are being written. */
  readonly writing: number;
};

export type QueueTally = {
  /** Counts a delivery until it is answered. */
  answering<Answer>(delivery: PreparedDelivery, answer: () => Promise<Answer>): Promise<Answer>;
  /** Counts a batch until it is written. */
  writing<Answer>(batch: readonly PreparedDelivery[], write: () => Promise<Answer>): Promise<Answer>;
  queue(): WriteQueue;
};

/** How many deliveries wait for a write: those without an answer, but for those that are being written. */
export function queueTally(): QueueTally {
  let [unanswered, unansweredCharacters, writing, writingCharacters] = [0, 0, 0, 0];
  return {
    async answering({ characters }, answer) {
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
      const all = batch.reduce((sum, { characters }) => sum + characters, 0);
      writing += batch.length;
      writingCharacters += all;
      try {
        return await write();
      } finally {
        writing -= batch.length;
        writingCharacters -= all;
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
