import { isIP } from "node:net";
import type { ChannelSettings } from "@call-ledger/contract/alerts";
import { channelServer } from "@call-ledger/contract/alerts";
import { EgressFault } from "../egress/egress-fault.ts";
import type { HostRules } from "../egress/host-rules.ts";
import { allowedUrl, assertAddresses, hostOf } from "../egress/host-rules.ts";
import { mailServer } from "./channels/mail-server.ts";

/**
 * Returns why the server of a channel will never be contacted, as far as its settings show; `null` if they are allowed.
 * The addresses of a host name are checked only when a message is sent. `testHosts` are `name:port` of servers that may
 * have any address.
 */
export function serverFault(settings: ChannelSettings, testHosts: readonly string[]): string | null {
  try {
    const { host, port, rules } = serverOf(settings, testHosts);
    if (isIP(host) !== 0) assertAddresses({ host, port }, [host], rules);
    return null;
  } catch (error) {
    if (error instanceof EgressFault) return error.reason;
    throw error;
  }
}

function serverOf(settings: ChannelSettings, testHosts: readonly string[]) {
  const rules: HostRules = { hosts: [hostOf(channelServer(settings))], testHosts };
  const server =
    settings.kind === "email" ? mailServer(settings.smtp, rules) : allowedUrl(settings.url, rules);
  return { host: server.host, port: server.port, rules };
}
