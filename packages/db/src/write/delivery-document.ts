import type { Prompt } from "@call-ledger/domain";
import { z } from "zod";

/** The first parameter of `record_deliveries`. */
export type EventsDocument = {
  /** A JSON array of `call_ledger.incoming_event`. */
  readonly text: string;
  /** By item: the index of its delivery, from 0. */
  readonly deliveryOf: readonly number[];
};

/** Returns an item as text, without its opening brace and its places, which depend on its batch. */
export function itemText(item: object): string {
  return JSON.stringify(item).slice(1);
}

const ITEM = z.object({
  prompts: z.array(z.object({ hash: z.string(), text: z.string() })).default([]),
});

/** Returns the prompts to which an item's delivery refers. */
export function promptsIn(itemText: string): Prompt[] {
  return ITEM.parse(JSON.parse(`{${itemText}`)).prompts;
}

/** Numbers the items of a batch. The argument has a list of texts for each delivery; no item is empty. */
export function eventsDocument(itemsByDelivery: readonly (readonly string[])[]): EventsDocument {
  const items: string[] = [];
  const deliveryOf: number[] = [];
  for (const [index, texts] of itemsByDelivery.entries()) {
    for (const text of texts) {
      items.push(`{"ord":${items.length + 1},"delivery":${index + 1},${text}`);
      deliveryOf.push(index);
    }
  }
  return { text: `[${items.join()}]`, deliveryOf };
}
