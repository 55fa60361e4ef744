import { lookup } from "node:dns/promises";
import type { Socket } from "node:net";
import { connect, isIP } from "node:net";

/** What fetching needs of the network; tests route it. */
export type Network = {
  /** All addresses of a host, as the system resolves it. Rejects when there are none. */
  resolve(host: string): Promise<readonly string[]>;
  /** A socket to this very address; nothing is resolved again. */
  connect(address: string, port: number): Socket;
};

export const systemNetwork: Network = {
  async resolve(host) {
    if (isIP(host) !== 0) return [host];
    return (await lookup(host, { all: true })).map(({ address }) => address);
  },
  connect: (address, port) => connect({ host: address, port }),
};
