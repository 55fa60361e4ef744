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
  let text = "[";
  const deliveryOf: number[] = [];
  for (const [index, texts] of itemsByDelivery.entries()) {
    for (const item of texts) {
      const comma = deliveryOf.length === 0 ? "" : ",";
      text += `${comma}{"ord":${deliveryOf.push(index)},"delivery":${index + 1},${item}`;
    }
  }
  return { text: `${text}]`, deliveryOf };
}
