import { createHash } from "node:crypto";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import type { Answer } from "../../src/deploy/preflight/preflight.inputs.ts";
import { preflight } from "../../src/deploy/preflight/preflight.ts";
import type { BookedLedger } from "./booked-ledger.ts";
import { bookedLedger } from "./booked-ledger.ts";
import type { WorkingTree } from "./working-tree.ts";
import { workingTree } from "./working-tree.ts";

export const DAY_MS = 86_400_000;

type Changed = {
  readonly env?: Readonly<Record<string, string>>;
  readonly folder?: string;
  readonly answer?: Answer;
  readonly oldestMs?: number | null;
};

/** The working tree and the database of a deployment, without a fault until a test makes one. */
export type UnderPreflight = {
  ledger: BookedLedger;
  tree: WorkingTree;
};

export function usePreflight(): UnderPreflight {
  const under = {} as UnderPreflight;
  let clean: WorkingTree;
  beforeAll(async () => {
    under.ledger = await bookedLedger();
    clean = workingTree();
  });
  beforeEach(() => {
    under.tree = clean.copy();
    backUp(under);
  });
  afterEach(async () => {
    under.tree.remove();
    if (under.ledger.isBroken()) under.ledger = await under.ledger.replaced();
  });
  afterAll(async () => {
    clean.remove();
    await under.ledger.drop();
  });
  return under;
}

export function backUp({ ledger, tree }: UnderPreflight, changed: object = {}, dump = "a dump"): void {
  const manifest = {
    database: new URL(ledger.database.ownerUrl).pathname.slice(1),
    server_version: "18.4",
    client_major: 18,
    created_at: new Date().toISOString(),
    purpose: "backup",
    sha256: createHash("sha256").update("a dump").digest("hex"),
    size_bytes: 6,
    tables: { "public.calls": 2 },
    checksums: {},
    schema_version: 5,
    migrations: [],
    ...changed,
  };
  tree.write("backups/b.dump", dump);
  tree.write("backups/b.json", JSON.stringify(manifest));
}

/** Runs preflight with a person who answers yes. */
export async function check({ ledger, tree }: UnderPreflight, changed: Changed = {}) {
  const { env = {}, folder = tree.root, answer, oldestMs = DAY_MS } = changed;
  const lines: string[] = [];
  const questions: string[] = [];
  const surroundings = {
    env: {
      DATABASE_URL: ledger.database.appUrl,
      DIRECT_DATABASE_URL: ledger.database.ownerUrl,
      VAPI_WEBHOOK_SECRET: "a-secret-of-twenty-letters",
      STORAGE_LOCAL_DURABLE: "true",
      ...env,
    },
    program: "ops",
    now: () => Date.now(),
    progress: (line: string) => lines.push(line),
    warn: () => undefined,
    ask: async () => null,
    standardInput: async () => "",
    standsAt: () => undefined,
    interruption: () => new AbortController().signal,
  };
  const report = await preflight(surroundings, {
    folder,
    migrations: tree.migrations,
    shareRoles: false,
    backups: oldestMs === null ? null : { folder: join(tree.root, "backups"), oldestMs },
    confirm: async (question) => {
      questions.push(question);
      return answer ?? { yes: true, by: "by a test" };
    },
  });
  const failed = report.checks.filter(({ ok }) => !ok);
  const found = (id: string) => report.checks.find((item) => item.id === id)?.found;
  return { report, failed, failedIds: failed.map(({ id }) => id), found, questions, said: lines.join("\n") };
}
