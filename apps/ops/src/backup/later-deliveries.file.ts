import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import type { LaterDelivery, LaterRow } from "@call-ledger/db-operator/backup";
import { failure } from "../cli/command.ts";

const OWNER_ONLY = 0o600;

type Line =
  | { readonly delivery: Omit<LaterDelivery, "payload" | "receivedAt"> & Packed }
  | { readonly row: LaterRow };
type Packed = { readonly payload: string | null; readonly receivedAt: string };

/**
 * Writes the rows that were received after a backup to disk, one line each, readable by its owner only. Returns their
 * number.
 */
export async function writeLater(
  path: string,
  deliveries: AsyncIterable<LaterDelivery>,
  rows: AsyncIterable<LaterRow>,
): Promise<number> {
  const file = openSync(path, "w", OWNER_ONLY);
  let count = 0;
  const write = (line: Line) => {
    writeSync(file, `${JSON.stringify(line)}\n`);
    count += 1;
  };
  try {
    for await (const delivery of deliveries) {
      const payload = delivery.payload?.toString("base64") ?? null;
      write({ delivery: { ...delivery, payload, receivedAt: delivery.receivedAt.toISOString() } });
    }
    for await (const row of rows) write({ row });
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return count;
}

/** Reads the file in the same order. Throws a failure if a restore did not write it completely. */
export async function* readLater(
  path: string,
): AsyncGenerator<{ readonly delivery: LaterDelivery } | { readonly row: LaterRow }> {
  for await (const text of (await open(path)).readLines()) {
    const line = parsed(text, path);
    if ("row" in line) {
      yield line;
      continue;
    }
    const { payload, receivedAt, ...delivery } = line.delivery;
    const bytes = payload === null ? null : Buffer.from(payload, "base64");
    yield { delivery: { ...delivery, payload: bytes, receivedAt: new Date(receivedAt) } };
  }
}

function parsed(text: string, path: string): Line {
  const not = failure(`${path} was not written by restore, or is incomplete.`);
  try {
    const line: Line = JSON.parse(text);
    if ("row" in line || "delivery" in line) return line;
  } catch {
    throw not;
  }
  throw not;
}
