import { EgressFault } from "../egress/egress-fault.ts";
import { allowedUrl } from "../egress/host-rules.ts";
import { systemNetwork } from "../egress/network.ts";
import type { ConnectionPorts } from "../egress/secure-connection.ts";
import { INVALID_CERTIFICATE, secureConnection } from "../egress/secure-connection.ts";
import type { HousekeepingJob } from "../housekeeping/housekeeping-job.ts";

const DAY_MS = 86_400_000;
/** The value for a certificate that is not valid today. */
const INVALID = -1;

/**
 * Reads when the certificate of PUBLIC_URL ends, as a sender sees it. The value is unknown if the server cannot be
 * reached from here, because its address is not public or it does not answer.
 */
export function certificateJob(publicUrl: string, connection: ConnectionPorts): HousekeepingJob {
  return {
    name: "certificate",
    everySeconds: 21_600,
    async run({ signal, now }) {
      const daysLeft = await certificateDaysLeft(publicUrl, connection, { signal, now });
      return { result: { days_left: daysLeft }, changed: 0, alert: null };
    },
  };
}

/**
 * Returns the days until a server's certificate ends, as a sender sees it; -1 if it is not valid; `null` if the server
 * cannot be reached from here. Throws the signal's reason.
 */
export async function certificateDaysLeft(
  publicUrl: string,
  {
    network = systemNetwork,
    rules: { testHosts },
    ca,
  }: Omit<ConnectionPorts, "network"> & Partial<Pick<ConnectionPorts, "network">>,
  { signal, now }: { readonly signal: AbortSignal; now(): number },
): Promise<number | null> {
  const rules = { hosts: [URL.parse(publicUrl)?.hostname ?? ""], testHosts };
  try {
    const socket = await secureConnection(allowedUrl(publicUrl, rules), { network, rules, ca }, signal);
    const endsAt = Date.parse(socket.getPeerCertificate().valid_to);
    socket.destroy();
    return Number.isNaN(endsAt) ? null : Math.floor((endsAt - now()) / DAY_MS);
  } catch (error) {
    if (!(error instanceof EgressFault)) throw error;
    return error.reason === INVALID_CERTIFICATE ? INVALID : null;
  }
}
