import type { TableRows } from "@call-ledger/db-operator/backup";
import { failure } from "../cli/command.ts";

const COPY = /^COPY ([a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*) (\([a-z0-9_," ]+\)) FROM stdin;$/;
/** The lines of a data-only script that are not rows: settings of its session, comments, psql's own brackets. */
const NOTHING =
  /^(|--.*|SET [a-z_]+ = [^;]*;|SELECT pg_catalog\.set_config\('search_path', '', false\);|\\(un)?restrict .*)$/;
const END = "\\.";
const NEWLINE = 10;

/**
 * Cuts the script that pg_restore makes of a data-only archive into the rows of its tables. Holds only a piece of it in
 * memory. Throws a failure for any other content, so that no part of a backup is skipped.
 */
export async function* copyBlocks(script: AsyncIterable<Uint8Array>): AsyncGenerator<TableRows> {
  const lines = linesOf(script);
  for (;;) {
    const { done, value } = await lines.next();
    if (done) return;
    const line = value.toString("utf8", 0, value.length - 1);
    const [, table, columns] = COPY.exec(line) ?? [];
    if (table === undefined || columns === undefined) {
      if (NOTHING.test(line)) continue;
      throw failure(
        "The backup contains something besides rows of tables. Restore it with the release that made it.",
      );
    }
    const rows = rowsOf(lines);
    yield { table, columns, rows };
    for await (const _unread of rows);
  }
}

/** Yields whole lines with their newline, up to the line that ends the rows. */
async function* rowsOf(lines: AsyncGenerator<Buffer>): AsyncGenerator<Uint8Array> {
  for (;;) {
    const { done, value } = await lines.next();
    if (done) throw failure("The backup ends in the middle of a table.");
    if (value.length === 3 && value.toString("latin1", 0, 2) === END) return;
    yield value;
  }
}

async function* linesOf(script: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let begun: Buffer[] = [];
  for await (const piece of script) {
    const chunk = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const line = chunk.subarray(start, end + 1);
      yield begun.length === 0 ? line : Buffer.concat([...begun, line]);
      begun = [];
      start = end + 1;
    }
    if (start < chunk.length) begun.push(chunk.subarray(start));
  }
}
