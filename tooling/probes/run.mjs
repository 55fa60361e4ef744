// Adds one violation of each import rule to the tree, all at the same time, and checks that each rule finds its own.
// Prints a line for each rule. Fails if a violation is missed, if a rule has no probe, or if too few modules are read.
import { execFile } from "node:child_process";
import { mkdirSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { promisify } from "node:util";

const CONFIG = ".dependency-cruiser.cjs";
const MIN_MODULES = 400;
/** A folder that exists only while the probes are in the tree. */
const OTHER_PROVIDER = "packages/providers/src/planted";

/** The rule, the folder of the added file, and the import that breaks the rule there. */
const PROBES = [
  ["not-to-unresolvable", "apps/api/src/http", "no-such-package"],
  ["no-circular", "packages/domain/src/call", "./no-circular.planted.ts"],
  ["production-never-imports-tests", "packages/domain/src/call", "../testing/call-arbitraries.ts"],
  ["packages-never-import-apps", "packages/db/src", "../../../apps/api/src/start/app.ts"],
  ["one-app-never-imports-another", "apps/ops/src", "../../api/src/start/app.ts"],
  ["domain-imports-only-its-own", "packages/domain/src/call", "node:crypto"],
  ["providers-imports-only-its-own", "packages/providers/src/vapi", "node:fs"],
  ["one-provider-never-imports-another", OTHER_PROVIDER, "../vapi/read.ts"],
  [
    "only-the-registry-imports-a-provider",
    "packages/ingest/src",
    "../../providers/src/vapi/vapi.provider.ts",
  ],
  ["contract-imports-only-its-own", "packages/contract/src", "../../config/src/index.ts"],
  ["config-imports-only-its-own", "packages/config/src", "../../domain/src/index.ts"],
  ["credentials-imports-only-its-own", "packages/credentials/src", "node:fs"],
  ["process-imports-only-its-own", "packages/process/src", "../../db/src/client/index.ts"],
  ["db-imports-only-its-own", "packages/db/src/write", "../../../providers/src/index.ts"],
  ["db-write-path-never-imports-drizzle", "packages/db/src/write", "drizzle-orm"],
  ["db-operator-imports-only-its-own", "packages/db-operator/src/admin", "../../../providers/src/index.ts"],
  ["only-ops-imports-db-operator", "packages/worker/src/loop", "../../../db-operator/src/admin/index.ts"],
  ["ingest-imports-only-its-own", "packages/ingest/src", "../../config/src/index.ts"],
  ["storage-imports-only-its-own", "packages/storage/src", "../../db/src/client/index.ts"],
  ["simulator-imports-only-its-own", "packages/simulator/src", "../../db/src/client/index.ts"],
  ["worker-imports-only-its-own", "packages/worker/src/loop", "../../../config/src/index.ts"],
  ["only-db-speaks-sql", "packages/providers/src/vapi", "../../../db/node_modules/postgres/src/index.js"],
  ["only-api-speaks-express", "packages/ingest/src", "../../../apps/api/node_modules/express/index.js"],
  ["only-the-ops-command-line-speaks-commander", "apps/ops/src/organizations", "commander"],
  ["only-observability-speaks-prometheus-and-opentelemetry", "apps/api/src/http", "prom-client"],
  ["only-start-wires", "apps/api/src/http", "@call-ledger/db/client"],
  ["slices-of-the-api-are-apart", "apps/api/src/rest", "../webhooks/ingest-reply.ts"],
  [
    "only-start-of-the-api-imports-the-worker",
    "apps/api/src/rest",
    "../../../../packages/worker/src/start/index.ts",
  ],
  [
    "console-imports-only-the-contract-and-browser-libraries",
    "apps/console/src/app",
    "../../../../packages/domain/src/index.ts",
  ],
  [
    "console-knows-the-contract-by-its-types",
    "apps/console/src/api",
    "../../../../packages/contract/src/routes.ts",
  ],
  ["http-is-the-ground", "apps/api/src/http", "../start/app.ts"],
].map(([rule, folder, target]) => ({
  rule,
  file: `${folder}/${rule}.planted.ts`,
  source: `import * as planted from "${target}";\nexport { planted };\n`,
}));

async function cruiseWithProbes() {
  mkdirSync(OTHER_PROVIDER, { recursive: true });
  try {
    for (const { file, source } of PROBES) writeFileSync(file, source);
    const args = ["--config", CONFIG, "--output-type", "json", "apps", "packages"];
    // The exit code is the number of violations, and there have to be some.
    const { stdout } = await promisify(execFile)("node_modules/.bin/depcruise", args, {
      maxBuffer: 256 * 1024 * 1024,
    }).catch((error) => error);
    return JSON.parse(stdout).summary;
  } finally {
    for (const { file } of PROBES) rmSync(file, { force: true });
    rmdirSync(OTHER_PROVIDER);
  }
}

const { violations, totalCruised } = await cruiseWithProbes();
const caught = new Set(violations.map(({ from, rule }) => `${rule.name} ${from}`));
const { forbidden } = createRequire(import.meta.url)(`${process.cwd()}/${CONFIG}`);
const verdicts = [
  { name: `the cruiser reads the tree (${totalCruised} modules)`, ok: totalCruised >= MIN_MODULES },
  ...forbidden.map(({ name }) => ({
    name,
    ok: PROBES.some(({ rule, file }) => rule === name && caught.has(`${name} ${file}`)),
  })),
];
for (const { name, ok } of verdicts) process.stdout.write(`${ok ? "ok   " : "MISS "} ${name}\n`);
const failed = verdicts.filter(({ ok }) => !ok).length;
process.stdout.write(`${verdicts.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
