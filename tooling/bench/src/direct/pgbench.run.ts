import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BenchLedger } from "../ledger/bench.cluster.ts";
import type { FunctionCall } from "./function.arguments.ts";

const ROWS_AT_ONCE = 200;
const PLACE = "(select nextval('public.bench_place'))";

/** Stores the arguments in a table, so that pgbench needs not send them. Each call is then made once, in order. */
export async function storeArguments({ sql }: BenchLedger, calls: readonly FunctionCall[]): Promise<void> {
  const width = calls[0]?.parameters.length ?? 0;
  const columns = Array.from({ length: width }, (_, index) => `p${index + 1}`);
  await sql.unsafe(`
    create table public.bench_arguments (place bigint primary key, ${columns.map((name) => `${name} text`).join(", ")});
    ${columns.map((name) => `alter table public.bench_arguments alter ${name} set storage external;`).join("\n")}
    create sequence public.bench_place;
    grant select on public.bench_arguments to public;
    grant usage on sequence public.bench_place to public`);
  for (let from = 0; from < calls.length; from += ROWS_AT_ONCE) {
    const rows = calls.slice(from, from + ROWS_AT_ONCE).map(({ parameters }, index) => {
      const named = columns.map((name, column) => [name, parameters[column] ?? ""] as const);
      return { place: from + index + 1, ...Object.fromEntries(named) };
    });
    await sql.unsafe(
      `insert into public.bench_arguments
      select * from json_populate_recordset(null::public.bench_arguments, $1::text::json)`,
      [JSON.stringify(rows)],
    );
  }
  await sql.unsafe("vacuum analyze public.bench_arguments");
}

/** Makes the next `transactions` stored calls, and returns the transactions per second that pgbench measured. */
export function pgbenchTransactionsPerSecond(
  program: string,
  { appUrl }: BenchLedger,
  call: FunctionCall,
  { clients, transactions }: { readonly clients: number; readonly transactions: number },
): number {
  const folder = mkdtempSync(join(tmpdir(), "call-ledger-pgbench-"));
  const script = join(folder, "record.sql");
  const statement = call.parameters.reduce<string>(
    (sql, _, index) => sql.replaceAll(`$${index + 1}`, `a.p${index + 1}`),
    call.statement,
  );
  writeFileSync(
    script,
    `select r.* from public.bench_arguments a cross join lateral (${statement}) r where a.place = ${PLACE};\n`,
  );
  const { hostname, port, username, password, pathname } = new URL(appUrl);
  const each = Math.floor(transactions / clients);
  const threads = Math.min(2, clients);
  const options = ["-n", "-M", "prepared", "-c", `${clients}`, "-j", `${threads}`, "-t", `${each}`];
  const { status, stdout, stderr } = spawnSync(program, [...options, "-f", script], {
    encoding: "utf8",
    env: {
      PGHOST: hostname,
      PGPORT: port,
      PGUSER: username,
      PGPASSWORD: password,
      PGDATABASE: pathname.slice(1),
    },
  });
  rmSync(folder, { recursive: true, force: true });
  const perSecond = Number(/^tps = ([\d.]+)/m.exec(stdout)?.[1]);
  if (status !== 0 || Number.isNaN(perSecond)) throw new Error(`pgbench failed: ${stderr}`);
  return perSecond;
}
