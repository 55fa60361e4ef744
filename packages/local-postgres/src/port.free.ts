import { randomInt } from "node:crypto";
import { createServer } from "node:net";

// Below Linux's range of ports for outgoing connections, so that a remembered port is not taken by chance.
const LOWEST = 15_432;
const HIGHEST = 25_432;

/**
 * Returns a port of 127.0.0.1 on which nothing listened a moment ago: `preferred` if it is free.
 */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isFree(preferred))) return preferred;
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = randomInt(LOWEST, HIGHEST);
    if (await isFree(port)) return port;
  }
  throw new Error(`No free port found between ${LOWEST} and ${HIGHEST} on 127.0.0.1.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
