import { isIP } from "node:net";
import { EgressFault } from "./egress-fault.ts";
import { isPublicAddress } from "./public-address.ts";

/** The hosts to which requests may be sent. */
export type HostRules = {
  /** Host names, and `*.name` for every host below a name. Compared without regard to case. */
  readonly hosts: readonly string[];
  /** `name:port` of servers that may have any address. Only for tests. */
  readonly testHosts: readonly string[];
};

/** A URL whose text is allowed. Its addresses are not checked yet. */
export type AllowedUrl = { readonly url: URL; readonly host: string; readonly port: number };

const HTTPS_PORT = 443;

/**
 * Checks the text of a URL: https, an allow-listed host, the usual port, no credentials. Numeric forms of IPv4
 * addresses (decimal, octal, hexadecimal, short) are normal addresses after parsing. `anyName` allows every host name,
 * but no address. Throws EgressFault: `unlisted` for a host name that the rules do not list, otherwise `forbidden`.
 */
export function allowedUrl(text: string, rules: HostRules, { anyName = false } = {}): AllowedUrl {
  const url = URL.parse(text);
  if (url === null) throw forbidden("the server's URL cannot be read");
  if (url.protocol !== "https:") throw forbidden("the server is not https");
  if (url.username !== "" || url.password !== "") throw forbidden("the server's URL has credentials in it");
  const host = hostOf(url);
  if (!isListed(host, rules.hosts)) {
    if (isIP(host) !== 0) throw forbidden("the server's host is an address, and not an allowed one");
    if (!anyName) throw new EgressFault("unlisted", `the host ${host} is not allowed`, { host });
  }
  const port = url.port === "" ? HTTPS_PORT : Number(url.port);
  if (port !== HTTPS_PORT && !isTestHost({ host, port }, rules)) {
    throw forbidden("the server's port is not 443");
  }
  return { url, host, port };
}

/** Checks the resolved addresses of a host. One address that is not public refuses all. Throws EgressFault. */
export function assertAddresses(
  target: Pick<AllowedUrl, "host" | "port">,
  addresses: readonly string[],
  rules: HostRules,
): void {
  if (addresses.length === 0) throw new EgressFault("passing", "the server's host has no address");
  if (isTestHost(target, rules)) return;
  if (!addresses.every(isPublicAddress))
    throw forbidden("the server's host has an address that is not public");
}

function isListed(host: string, rules: readonly string[]): boolean {
  return rules.some((rule) => {
    const name = rule.toLowerCase();
    return name.startsWith("*.") ? host.endsWith(name.slice(1)) : name === host;
  });
}

/** Returns whether a host and port may have any address. */
export function isTestHost({ host, port }: Pick<AllowedUrl, "host" | "port">, rules: HostRules): boolean {
  return rules.testHosts.some((allowed) => allowed.toLowerCase() === `${host}:${port}`);
}

/** Returns the host in lower case, without the brackets of an IPv6 address and the dot of a fully qualified name. */
export function hostOf({ hostname }: URL): string {
  const bare = hostname.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  return isIP(bare) === 0 ? bare.replace(/\.$/, "") : bare;
}

function forbidden(reason: string): EgressFault {
  return new EgressFault("forbidden", reason);
}
