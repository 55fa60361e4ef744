import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { readyMessage, shellWord } from "../start.message.ts";

const facts = {
  host: "127.0.0.1",
  port: 3001,
  secret: "s3cret_-",
  assistant: "de3",
  userAgent: "npm/11.19.1 node/v20",
  log: ".call-ledger/api.log",
};

test("the commands are those of the package manager that started the server", () => {
  const tail = "simulate --url http://localhost:3001 --secret s3cret_- --assistant de3";
  expect(readyMessage(facts)).toContain(`\n  npm run -s ops -- ${tail}\n`);
  expect(readyMessage({ ...facts, userAgent: "pnpm/12.21.0 npm/?" })).toContain(
    `\n  pnpm --silent ops ${tail}\n`,
  );
});

test("a secret that the environment gave is neither printed nor in a command", () => {
  const given = readyMessage({ ...facts, secret: null });
  expect(given).toContain("webhook secret: that of VAPI_WEBHOOK_SECRET");
  expect(given).toContain("simulate --url http://localhost:3001 --assistant de3\n");
  expect(given).not.toContain("--secret");
});

test("the calls that it sends have recordings", () => {
  expect(readyMessage({ ...facts, recordings: "localhost:4443" })).toContain(
    "--secret s3cret_- --recordings localhost:4443 --assistant de3\n",
  );
});

test.each([
  ["127.0.0.1", "localhost"],
  ["0.0.0.0", "localhost"],
  ["::", "localhost"],
  ["::1", "[::1]"],
  ["192.0.2.7", "192.0.2.7"],
])("a server that listens on %s is at %s", (host, shown) => {
  expect(readyMessage({ ...facts, host })).toContain(`ready at http://${shown}:3001\n`);
});

test("it says where the log is", () => {
  expect(readyMessage(facts)).toContain(
    "\nlog: .call-ledger/api.log; warnings and errors are also shown here\n",
  );
});

test("with a demo it ends with the link that signs the operator in", () => {
  expect(readyMessage({ ...facts, signInToken: "cll_1" })).toMatch(
    / {2}http:\/\/localhost:3001\/sign-in#cll_1\n$/,
  );
  expect(readyMessage(facts)).not.toContain("sign-in");
});

test("without a seeded agent it has the command that adds one", () => {
  const { assistant: _, ...unseeded } = facts;
  expect(readyMessage(unseeded)).toContain("ops -- agent add --org ID");
});

test.each(["plain", "it's", 'a "b" $HOME', "semi;colon", "back\\slash", "*"])(
  "a shell reads %j as the same text",
  (word) => {
    const printed = execFileSync("/bin/sh", ["-c", `printf %s ${shellWord(word)}`], { encoding: "utf8" });
    expect(printed).toBe(word);
  },
);
