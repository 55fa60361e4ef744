import { isIPv6 } from "node:net";
import type { Request } from "express";

const V4_IN_V6 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
/** A customer of a network usually has a whole /64: 64 of 128 bits, which are 4 groups. */
const NETWORK_GROUPS = 4;

/** The address that a request comes from, as the trusted proxy says; for IPv6 the sender's /64 network. */
export function senderAddress(req: Pick<Request, "ip">): string {
  const { ip = "" } = req;
  const v4 = V4_IN_V6.exec(ip)?.[1];
  if (v4 !== undefined) return v4;
  if (!isIPv6(ip)) return ip;
  const [head = "", tail = ""] = ip.split("::");
  const groups = head.split(":");
  if (!ip.includes("::")) return groups.slice(0, NETWORK_GROUPS).join(":");
  const given = groups.filter(Boolean);
  const missing = 8 - given.length - tail.split(":").filter(Boolean).length;
  const zeros = Array.from({ length: missing }, () => "0");
  return [...given, ...zeros, ...tail.split(":")].slice(0, NETWORK_GROUPS).join(":");
}
