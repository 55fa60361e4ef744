import { isIP } from "node:net";
import type { TLSSocket } from "node:tls";
import { connect as connectSecurely } from "node:tls";
import { orAborted } from "../loop/or-aborted.ts";
import { EgressFault } from "./egress-fault.ts";
import type { AllowedUrl, HostRules } from "./host-rules.ts";
import { assertAddresses } from "./host-rules.ts";
import type { Network } from "./network.ts";

export type ConnectionPorts = {
  readonly network: Network;
  readonly rules: HostRules;
  /** Certificate authorities instead of the system's, PEM. Only for tests. */
  readonly ca?: string | undefined;
};

/** The time for TCP and TLS together. A host that takes longer counts as down. */
const CONNECT_MS = 10_000;

/**
 * Resolves a host once and checks all its addresses. A connection goes to one of them, so a name that resolves to
 * another address a moment later has no effect. Throws EgressFault.
 */
export async function checkedAddresses(
  target: Pick<AllowedUrl, "host" | "port">,
  { network, rules }: ConnectionPorts,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const resolving = network.resolve(target.host).catch(() => {
    throw new EgressFault("passing", "the server's host cannot be resolved");
  });
  const addresses = await orAborted(resolving, signal);
  assertAddresses(target, addresses, rules);
  return addresses;
}

/** Opens a verified TLS connection to an allowed host. Throws EgressFault. */
export async function secureConnection(
  target: AllowedUrl,
  ports: ConnectionPorts,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const { network, ca } = ports;
  let fault = new EgressFault("passing", "the server does not accept a connection");
  for (const address of await checkedAddresses(target, ports, signal)) {
    signal.throwIfAborted();
    try {
      return await handshake(target, network.connect(address, target.port), { ca, signal });
    } catch (error) {
      signal.throwIfAborted();
      fault = connectionFault(error);
    }
  }
  throw fault;
}

function handshake(
  { host }: AllowedUrl,
  tcp: ReturnType<Network["connect"]>,
  { ca, signal }: { readonly ca: string | undefined; readonly signal: AbortSignal },
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connectSecurely({
      socket: tcp,
      host,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(ca === undefined ? {} : { ca }),
      ALPNProtocols: ["http/1.1"],
      // Set explicitly, so that no setting of the environment can turn it off.
      rejectUnauthorized: true,
    });
    const giveUp = (error: Error) => {
      settle();
      socket.destroy();
      tcp.destroy();
      reject(error);
    };
    const onAbort = () => giveUp(signal.reason);
    const onClose = () => giveUp(new Error("closed"));
    const late = () => giveUp(new EgressFault("passing", "the server does not connect in time"));
    const timer = setTimeout(late, CONNECT_MS);
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      socket.off("error", giveUp);
      socket.off("close", onClose);
      tcp.off("error", giveUp);
      // An error between two listeners must not end the process.
      socket.on("error", () => undefined);
      tcp.on("error", () => undefined);
    };
    socket.once("error", giveUp);
    tcp.once("error", giveUp);
    socket.once("close", onClose);
    socket.once("secureConnect", () => {
      settle();
      resolve(socket);
    });
    signal.addEventListener("abort", onAbort, { once: true });
  });
}

/** The reason of a fault that is caused by the server's certificate. */
export const INVALID_CERTIFICATE = "the server's certificate is not valid";

function connectionFault(error: unknown): EgressFault {
  if (error instanceof EgressFault) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /CERT|SELF_SIGNED|ALTNAME|UNABLE_TO|ERR_TLS/.test(code)
    ? new EgressFault("passing", INVALID_CERTIFICATE)
    : new EgressFault("passing", "the server does not accept a connection");
}
