import { expect, test } from "vitest";
import { senderAddress } from "./sender-address.ts";

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["2001:db8::1", "2001:db8:0:0"],
  ["::1", "0:0:0:0"],
  ["fe80::1:2:3:4:5", "fe80:0:0:1"],
  ["2001:db8:1::", "2001:db8:1:0"],
])("the sender %s counts as %s", (ip, address) => expect(senderAddress({ ip })).toBe(address));

test("a sender that is gone has an empty address", () => expect(senderAddress({ ip: undefined })).toBe(""));
