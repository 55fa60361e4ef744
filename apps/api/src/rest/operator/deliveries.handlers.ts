import type { Delivery, deliveriesQuery } from "@call-ledger/contract/operations";
import type { z } from "zod";
import type { Handlers } from "../mount/handler.ts";
import { openEventStream, serverSentEvent } from "../stream/event-stream.ts";
import type { DeliveryFeed } from "./delivery-feed.ts";

export type DeliveryPorts = {
  readonly feed: DeliveryFeed;
  /** Returns those of these credentials that are not valid any more. */
  lapsed(credentialIds: readonly string[]): Promise<readonly string[]>;
};

/** The interval of keep-alive lines and of checks, so that a stream ends within five seconds of a revocation. */
const LOOK_MS = 3_000;

/** Handlers for the newest deliveries to this process, and for a stream of later ones. */
export function deliveryHandlers({
  feed,
  lapsed,
}: DeliveryPorts): Pick<Handlers, "listDeliveries" | "streamDeliveries"> {
  return {
    async listDeliveries({ query }) {
      return { data: feed.newest().filter(wanted(query)).slice(0, query.limit) };
    },
    async streamDeliveries({ caller: { credentialId } }, res) {
      const stream = openEventStream(res);
      const unfollow = feed.follow((delivery) =>
        stream.send(serverSentEvent("delivery", delivery, delivery.id)),
      );
      const looking = setInterval(() => {
        stream.send(":\n\n");
        lapsed([credentialId]).then(
          (gone) => gone.length > 0 && stream.end(),
          // The database does not answer. The next check asks again.
          () => undefined,
        );
      }, LOOK_MS);
      res.once("close", () => {
        clearInterval(looking);
        unfollow();
      });
    },
  };
}

function wanted({ outcome, account }: z.output<typeof deliveriesQuery>): (delivery: Delivery) => boolean {
  return (delivery) =>
    (outcome === undefined || outcome.includes(delivery.outcome)) &&
    (account === undefined || delivery.account_id === account);
}
