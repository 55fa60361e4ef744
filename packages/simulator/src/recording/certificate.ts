import type { KeyObject } from "node:crypto";
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** A key and a self-signed certificate, as PEM. */
export type Certificate = { readonly key: string; readonly cert: string };

const DAY_MS = 86_400_000;
const ECDSA_WITH_SHA256 = tlv(0x30, oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));

/**
 * Returns a certificate for host names, in X.509 v3 (RFC 5280, 4.1). The DER is written here, without a library. Valid
 * for two days.
 */
export function selfSigned(...names: string[]): Certificate {
  return selfSignedFor(names, 1);
}

/** Like `selfSigned`, but valid for the given number of days from now on. */
export function selfSignedFor(names: readonly string[], days: number): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  // OpenSSL confuses two trusted certificates that have the same name.
  const common = `${names[0] ?? "test"} ${randomBytes(6).toString("hex")}`;
  const name = tlv(0x30, tlv(0x31, tlv(0x30, oid(0x55, 0x04, 0x03), text(0x0c, common))));
  const alternatives = tlv(0x30, ...names.map((host) => text(0x82, host)));
  const extensions = tlv(
    0x30,
    extension(oid(0x55, 0x1d, 0x13), tlv(0x30, tlv(0x01, Buffer.from([0xff])))),
    extension(oid(0x55, 0x1d, 0x11), alternatives),
  );
  const body = tlv(
    0x30,
    tlv(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    name,
    tlv(0x30, time(Date.now() - DAY_MS), time(Date.now() + days * DAY_MS)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, extensions),
  );
  return { key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(), cert: pem(body, privateKey) };
}

function pem(body: Buffer, key: KeyObject): string {
  const signature = tlv(0x03, Buffer.from([0]), sign("sha256", body, key));
  const lines =
    tlv(0x30, body, ECDSA_WITH_SHA256, signature)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

function tlv(tag: number, ...parts: Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const length =
    value.length < 0x80
      ? [value.length]
      : value.length < 0x100
        ? [0x81, value.length]
        : [0x82, value.length >> 8, value.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), value]);
}

function oid(...bytes: number[]): Buffer {
  return tlv(0x06, Buffer.from(bytes));
}

function integer(value: Buffer): Buffer {
  return tlv(0x02, value);
}

function text(tag: number, value: string): Buffer {
  return tlv(tag, Buffer.from(value));
}

function time(at: number): Buffer {
  return text(0x17, `${new Date(at).toISOString().replace(/[-:T]/g, "").slice(2, 14)}Z`);
}

function extension(id: Buffer, value: Buffer): Buffer {
  return tlv(0x30, id, tlv(0x04, value));
}
