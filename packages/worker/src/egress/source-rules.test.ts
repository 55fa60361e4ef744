import { expect, test } from "vitest";
import { allowedUrl, assertAddresses } from "./source-rules.ts";

const rules = {
  hosts: ["storage.vapi.ai", "127.0.0.1", "::1", "local.test"],
  testHosts: ["local.test:8443"],
};

test.each([
  ["https://storage.vapi.ai/a.wav?x=1", "storage.vapi.ai", 443],
  ["https://STORAGE.vapi.ai:443/a.wav", "storage.vapi.ai", 443],
  ["https://storage.vapi.ai./a.wav", "storage.vapi.ai", 443],
  ["https://local.test:8443/a", "local.test", 8443],
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
  ["https://evil.test/?storage.vapi.ai", /RECORDING_HOSTS/],
  ["https://storage.vapi.ai.evil.test/", /RECORDING_HOSTS/],
  ["https://evilstorage.vapi.ai/", /RECORDING_HOSTS/],
  ["https://169.254.169.254/latest/meta-data", /RECORDING_HOSTS/],
  ["https://[::ffff:169.254.169.254]/", /RECORDING_HOSTS/],
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
])("%s is an address in disguise: even an allow-listed one is refused for being private", (text) => {
  const target = allowedUrl(text, rules);
  expect(["127.0.0.1", "::1"]).toContain(target.host);
  expect(() => assertAddresses(target, [target.host], rules)).toThrow(/not public/);
});

test("one private address among public ones condemns the host", () => {
  const target = { host: "storage.vapi.ai", port: 443 };
  expect(() => assertAddresses(target, ["8.8.8.8", "10.0.0.1"], rules)).toThrow(/not public/);
  expect(() => assertAddresses(target, ["8.8.8.8", "2606:4700::1111"], rules)).not.toThrow();
  expect(() => assertAddresses(target, [], rules)).toThrow(/no address/);
});

test("a test host may have any address, at its own port only", () => {
  expect(() => assertAddresses({ host: "local.test", port: 8443 }, ["127.0.0.1"], rules)).not.toThrow();
  expect(() => assertAddresses({ host: "local.test", port: 443 }, ["127.0.0.1"], rules)).toThrow(
    /not public/,
  );
});
