import type { Server } from "node:http";
import type { ListenOptions } from "node:net";
import { createServer } from "node:net";

/**
 * The event loop accepts one connection of a listening socket in a turn. With one socket, a new connection waits a turn
 * for each connection before it: seconds in a burst of 1,000. Linux spreads connections over sockets of the same port.
 */
export const LISTENERS = process.platform === "linux" ? 16 : 1;

type Place = { readonly port: number; readonly host?: string };

/**
 * Listens with all servers on one port; 0: any. Resolves with the port. Rejects if another process listens on it, also
 * if that process would share it.
 */
export async function listen(servers: readonly Server[], place: Place): Promise<number> {
  let { port } = place;
  if (port !== 0) await expectFree(place);
  for (const server of servers) {
    await listening(server, { ...place, port, reusePort: servers.length > 1 });
    const address = server.address();
    if (typeof address === "object" && address !== null) port = address.port;
  }
  return port;
}

/** A socket that shares its port can be opened beside those of another process; one that does not share it cannot. */
async function expectFree(place: Place): Promise<void> {
  const server = createServer();
  await listening(server, place);
  await new Promise((resolve) => server.close(resolve));
}

function listening(server: ReturnType<typeof createServer>, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
