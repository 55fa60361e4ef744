import { get } from "node:http";

const TIMEOUT_MS = 2_000;

const ALL_ADDRESSES = ["0.0.0.0", "::"];

/**
 * The HTTP status of this server's own `/health`; `null`: no answer within two seconds. `listening` is the address that
 * the server listens on; `null`: all addresses.
 */
export function ownHealthStatus(port: number, listening: string | null): Promise<number | null> {
  const host = listening === null || ALL_ADDRESSES.includes(listening) ? "127.0.0.1" : listening;
  return new Promise((resolve) => {
    const options = { host, port, path: "/health", timeout: TIMEOUT_MS, agent: false };
    const request = get(options, (response) => {
      response.resume();
      resolve(response.statusCode ?? null);
    });
    request.once("timeout", () => request.destroy());
    request.once("error", () => resolve(null));
  });
}
