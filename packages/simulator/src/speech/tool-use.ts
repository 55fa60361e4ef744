import type { Instant, Json } from "@call-ledger/domain";
import type { Random } from "../random.ts";
import { phrase } from "./phrases.ts";

const BASE62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Returns the arguments of a tool call. */
export function toolArguments(random: Random): { readonly [key: string]: Json } {
  return {
    customer: `${phrase("first_name", random)} ${phrase("last_name", random)}`,
    about: phrase("job", random),
    reference: phrase("code", random),
    window: `${phrase("weekday", random)} ${phrase("time", random)}`,
  };
}

/** Returns the answer of a business's own system to a tool call: records with database keys, for days after `at`. */
export function toolResult(random: Random, at: Instant): Json {
  const records = Array.from({ length: random.int(4, 9) }, () => ({
    id: random.uuid(),
    starts: new Date(at + random.int(3_600, 900_000) * 1000).toISOString(),
    with: `${phrase("first_name", random)} ${phrase("last_name", random)}`,
    etag: random.text(27, BASE62),
    cents: random.int(1_900, 94_000),
  }));
  return { requestId: random.uuid(), tookMs: random.decimal(38, 940, 3), records };
}

export function toolCallId(random: Random): string {
  return `call_${random.text(24, BASE62)}`;
}
