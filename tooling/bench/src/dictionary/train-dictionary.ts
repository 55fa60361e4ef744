import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { vapi } from "@call-ledger/providers/testing/vapi";
import { simulateCall } from "@call-ledger/simulator";

/*
 * Trains the dictionary of the payload codec with the zstd program, on the stored payloads of the provider's fixtures
 * and of simulated calls. The seeds and assistants of these calls differ from those of the benchmark, so the dictionary
 * contains nothing that only the benchmark's traffic has. Never replace a dictionary that has packed payloads: train
 * another one.
 */

const CALLS = 700;
const ASSISTANTS = 97;
const MAX_BYTES = 16_384;
const FIXTURES = new URL("../../../../packages/providers/test/fixtures/vapi/", import.meta.url);
const OUT = new URL("../../../../packages/db/src/write/payload.dictionary.ts", import.meta.url);

const folder = mkdtempSync(join(tmpdir(), "payload-dictionary-"));
const samples = join(folder, "samples");
mkdirSync(samples);
let count = 0;
for (const body of [...fixtures(), ...simulated()]) {
  const read = vapi.read(body);
  if (read.reads === "chatter") continue;
  writeFileSync(join(samples, String(count++).padStart(6, "0")), read.payload);
}
const trained = join(folder, "dictionary");
const { status, stderr } = spawnSync(
  "zstd",
  ["-q", "--train", "-r", samples, `--maxdict=${MAX_BYTES}`, "--dictID=1", "-o", trained],
  { encoding: "utf8" },
);
if (status !== 0) throw new Error(`zstd trained no dictionary: ${stderr}`);
writeFileSync(fileURLToPath(OUT), moduleOf(readFileSync(trained)));
rmSync(folder, { recursive: true });
process.stdout.write(`trained on ${count} payloads\n`);

function fixtures(): Buffer[] {
  return readdirSync(FIXTURES)
    .filter((name) => !name.includes("rest-"))
    .sort()
    .map((name) => Buffer.from(JSON.stringify(JSON.parse(readFileSync(new URL(name, FIXTURES), "utf8")))));
}

function* simulated(): Generator<Buffer, void> {
  for (let place = 0; place < CALLS; place += 1) {
    const { deliveries } = simulateCall({
      seed: `dictionary ${place}`,
      assistantId: `d1c70000-0000-4000-8000-${String(place % ASSISTANTS).padStart(12, "0")}`,
      startedAt: Date.UTC(2025, 5, 1) + place * 7_919_000,
    });
    for (const { body } of deliveries) yield Buffer.from(body);
  }
}

function moduleOf(dictionary: Buffer): string {
  return `/**
 * The common parts of payloads, made by tooling/bench/src/dictionary/train-dictionary.ts. It must not change, because
 * stored payloads need it.
 */
export const PAYLOAD_DICTIONARY = Buffer.from(
  "${dictionary.toString("base64")}",
  "base64",
);
`;
}
