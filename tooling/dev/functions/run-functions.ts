import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MIGRATIONS_FOLDER } from "@call-ledger/db/migrate";
import { scratchFolder, startCluster } from "@call-ledger/local-postgres";
import { addFunctionsMigration } from "./add-migration.ts";

const FUNCTIONS = fileURLToPath(new URL("../../../packages/db/sql/functions", import.meta.url));

const name = process.argv[2] ?? "functions";
const folder = scratchFolder("call-ledger-functions-");
const cluster = await startCluster({ folder: join(folder, "cluster"), settings: { fsync: "off" } });
try {
  const folders = { functions: FUNCTIONS, migrations: MIGRATIONS_FOLDER };
  const { tag, added, changed, removed } = await addFunctionsMigration(cluster.superuserUrl, folders, name);
  process.stdout.write(
    tag === null
      ? "Nothing to write: the migrations create every function as it is in packages/db/sql/functions.\n"
      : `Wrote packages/db/migrations/${tag}.sql. ${[
          ...changed.map((one) => `Changes ${one}.`),
          ...added.map((one) => `Adds ${one}.`),
          ...removed.map((one) => `Removes ${one}.`),
        ].join(" ")}\nRead it, then write schema.sql anew: pnpm exec vitest run packages/db -u\n`,
  );
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
} finally {
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
}
