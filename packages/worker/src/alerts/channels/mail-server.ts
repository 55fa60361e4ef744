import { EgressFault } from "../../egress/egress-fault.ts";
import type { HostRules } from "../../egress/host-rules.ts";
import { hostOf, isTestHost } from "../../egress/host-rules.ts";

/** The ports of mail servers. Other ports belong to other services, which must not be contacted. */
const PORTS: readonly number[] = [25, 465, 587, 2525];

/** Returns the server of an SMTP URL. Throws EgressFault `forbidden` if its port is not one of a mail server. */
export function mailServer(smtp: string, rules: HostRules): { readonly host: string; readonly port: number } {
  const url = new URL(smtp);
  const host = hostOf(url);
  const port = url.port === "" ? (url.protocol === "smtps:" ? 465 : 587) : Number(url.port);
  if (!PORTS.includes(port) && !isTestHost({ host, port }, rules)) {
    throw new EgressFault("forbidden", `port ${port} is not one of ${PORTS.join(", ")}`);
  }
  return { host, port };
}
