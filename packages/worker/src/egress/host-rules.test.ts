import { expect, test } from "vitest";
import { allowedUrl, assertAddresses } from "./host-rules.ts";

const rules = {
  hosts: ["storage.vapi.ai", "*.R2.example.test", "127.0.0.1", "::1", "local.test"],
  testHosts: ["local.test:8443"],
};

test.each([
  ["https://storage.vapi.ai/a.wav?x=1", "storage.vapi.ai", 443],
  ["https://STORAGE.vapi.ai:443/a.wav", "storage.vapi.ai", 443],
  ["https://storage.vapi.ai./a.wav", "storage.vapi.ai", 443],
  ["https://local.test:8443/a", "local.test", 8443],
  ["https://a.r2.example.test/x", "a.r2.example.test", 443],
  ["https://bucket.a.r2.example.test/x", "bucket.a.r2.example.test", 443],
])("%s may be asked", (text, host, port) => {
  expect(allowedUrl(text, rules)).toMatchObject({ host, port });
});

test.each([
  ["http://storage.vapi.ai/a.wav", /not https/],
  ["file:///etc/passwd", /not https/],
  ["https://storage.vapi.ai:8443/a.wav", /port/],
  ["https://local.test:8444/", /port/],
  ["https://user:pass@storage.vapi.ai/", /credentials/],
  ["https://storage.vapi.ai@evil.test/", /credentials/],
  ["https://evil.test/?storage.vapi.ai", /evil\.test is not allowed/],
  ["https://storage.vapi.ai.evil.test/", /not allowed/],
  ["https://evilstorage.vapi.ai/", /not allowed/],
  ["https://r2.example.test/", /not allowed/],
  ["https://evilr2.example.test/", /not allowed/],
  ["https://a.r2.example.test.evil.test/", /not allowed/],
  ["https://169.254.169.254/latest/meta-data", /an address/],
  ["https://[::ffff:169.254.169.254]/", /an address/],
  ["not a url", /cannot be read/],
])("%s is refused", (text, reason) => {
  expect(() => allowedUrl(text, rules)).toThrow(reason);
});

test.each([
  "https://2130706433/",
  "https://0177.0.0.1/",
  "https://0x7f000001/",
  "https://127.1/",
  "https://[::1]/",
])(
  "%s is a disguised address: it is refused because it is private, even if it is on the allow-list",
  (text) => {
    const target = allowedUrl(text, rules);
    expect(["127.0.0.1", "::1"]).toContain(target.host);
    expect(() => assertAddresses(target, [target.host], rules)).toThrow(/not public/);
  },
);

test("one private address among public ones refuses the host", () => {
  const target = { host: "storage.vapi.ai", port: 443 };
  expect(() => assertAddresses(target, ["8.8.8.8", "10.0.0.1"], rules)).toThrow(/not public/);
  expect(() => assertAddresses(target, ["8.8.8.8", "2606:4700::1111"], rules)).not.toThrow();
  expect(() => assertAddresses(target, [], rules)).toThrow(/no address/);
});

test("a test host may have any address, but only at its own port", () => {
  expect(() => assertAddresses({ host: "local.test", port: 8443 }, ["127.0.0.1"], rules)).not.toThrow();
  expect(() => assertAddresses({ host: "local.test", port: 443 }, ["127.0.0.1"], rules)).toThrow(
    /not public/,
  );
});

test("the provider's API may redirect to any host name, but to no address", () => {
  const anyName = { anyName: true };
  expect(allowedUrl("https://own.bucket.test/a", rules, anyName)).toMatchObject({ host: "own.bucket.test" });
  for (const text of ["http://own.bucket.test/a", "https://own.bucket.test:8443/", "https://8.8.8.8/"]) {
    expect(() => allowedUrl(text, rules, anyName), text).toThrow(/not https|port|an address/);
  }
});

test("the fault names a host that is not listed, so that the operator can allow it", () => {
  try {
    allowedUrl("https://Own.Bucket.test/secret?sig=1", rules);
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ kind: "unlisted", host: "own.bucket.test" });
    expect(String(error)).not.toContain("secret");
  }
});
