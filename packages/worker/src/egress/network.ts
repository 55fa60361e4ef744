import { lookup } from "node:dns/promises";
import type { Socket } from "node:net";
import { connect, isIP } from "node:net";

/** The network functions that fetching needs. Tests replace them. */
export type Network = {
  /** Returns all addresses of a host, as the system resolves it. Rejects if there are none. */
  resolve(host: string): Promise<readonly string[]>;
  /** Opens a socket to exactly this address. Nothing is resolved again. */
  connect(address: string, port: number): Socket;
};

export const systemNetwork: Network = {
  async resolve(host) {
    if (isIP(host) !== 0) return [host];
    return (await lookup(host, { all: true })).map(({ address }) => address);
  },
  connect: (address, port) => connect({ host: address, port }),
};
