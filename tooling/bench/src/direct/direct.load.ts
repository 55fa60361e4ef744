import type { FunctionCall } from "./function.arguments.ts";
import { openWireConnection } from "./wire.connection.ts";
import { executeFrames, prepareFrames } from "./wire.frames.ts";

const STATEMENT = "record";

/**
 * Transactions a second of so many clients that call the write function, one delivery a transaction, over prepared
 * statements and frames that are ready to be sent. Each call is made once. This is pgbench's work where there is no
 * pgbench; the client's share of the cores is about as small.
 */
export async function directTransactionsPerSecond(
  url: string,
  calls: readonly FunctionCall[],
  clients: number,
): Promise<number> {
  const statement = calls[0]?.statement ?? "";
  const frames = calls.map(({ parameters }) => executeFrames(STATEMENT, parameters));
  const connections = await Promise.all(Array.from({ length: clients }, () => openWireConnection(url)));
  await Promise.all(connections.map((one) => one.exchange(prepareFrames(STATEMENT, statement))));
  let place = 0;
  const startedAt = performance.now();
  await Promise.all(
    connections.map(async (connection) => {
      for (let next = frames[place++]; next !== undefined; next = frames[place++]) {
        await connection.exchange(next);
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  for (const connection of connections) connection.close();
  return frames.length / seconds;
}
