import { get } from "node:http";

const TIMEOUT_MS = 2_000;

/** The status of this server's own `/health`, asked through HTTP; `null` when it does not answer. */
export function ownHealthStatus(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const options = { host: "127.0.0.1", port, path: "/health", timeout: TIMEOUT_MS, agent: false };
    const request = get(options, (response) => {
      response.resume();
      resolve(response.statusCode ?? null);
    });
    request.once("timeout", () => request.destroy());
    request.once("error", () => resolve(null));
  });
}
