import { listOrganizations } from "@call-ledger/db/access";
import { workerSession } from "@call-ledger/db/jobs";
import type { Owner } from "@call-ledger/db-operator/admin";
import { asOperator, operatorPool, withOwner } from "@call-ledger/db-operator/admin";
import { openInspection } from "@call-ledger/db-operator/inspect";
import { certificateDaysLeft } from "@call-ledger/worker/alerts";
import { accountSetups } from "@call-ledger/worker/start";
import { command, usage } from "../cli/command.ts";
import { printable } from "../cli/printable.ts";
import { settingsIn } from "../cli/settings.ts";
import { duration, serverIn, uuid, webAddress } from "../cli/values.ts";
import { onDatabase } from "../database/database-checks.ts";
import { ownerUrl } from "../database/owner-url.ts";
import type { CheckResult } from "../deploy/checks/check.ts";
import { joinedResults, runChecks } from "../deploy/checks/check.ts";
import { answersPrintedBy, checksResult } from "../deploy/checks/check-result.ts";
import { liveAgents } from "../organizations/agent.commands.ts";
import type { AccountResult, DoctorPorts } from "./doctor.ts";
import { examineAccounts } from "./doctor.ts";
import { OWN_DATABASE_CHECKS, OWN_SERVER_CHECKS } from "./installation.checks.ts";
import type { Changed } from "./repairs.ts";
import { repair } from "./repairs.ts";

export const doctorCommand = command({
  about:
    "Shows the faults that will lose calls, at the provider and in this installation, each with its repair. Reads the " +
    "settings of provider accounts with their API keys: server URLs, credentials (it reads no secret), retries, messages, " +
    "recording, retention, agents, phone numbers, and whether deliveries are verified. Of the installation it checks the " +
    "public URL, its certificate, the clock, the storage, the worker and the database. It changes nothing without --fix. " +
    "With it, it shows the safe changes, and asks once. Then it asks about each change that a person has to decide, such " +
    "as a URL that another system may use.",
  options: {
    account: { value: "ID", about: "only this account; default: all used accounts", parse: uuid },
    wait: {
      value: "T",
      about:
        "the max time to wait for a delivery of each account that verifies, such as 10m; make a call meanwhile",
      parse: duration,
    },
    fix: { about: "make changes at the provider and of agents, after showing them and asking" },
    yes: { about: "with --fix: make the safe changes, and no other, without asking; for a pipeline" },
  },
  values: "[URL]",
  examples: [
    "doctor",
    "doctor https://ledger.example.com --account 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --wait 10m",
    "doctor --fix --yes --json   prints {ok, checks: [{id, account, ok, …}], problems, changes}",
  ],

  async run({ account, wait: waitMs = null, fix: isFix, yes: isYes }, surroundings, values) {
    const { env, now } = surroundings;
    if (isYes && !isFix) throw usage("--yes can be used only with --fix.");
    const config = settingsIn(env);
    const url = ownerUrl(env);
    const server =
      serverIn(values) ?? (config.PUBLIC_URL === null ? null : webAddress(config.PUBLIC_URL, "PUBLIC_URL"));
    if (server === null)
      throw usage(
        "Give the URL at which providers reach the server (doctor https://HOST), or set PUBLIC_URL.",
      );
    const signal = surroundings.interruption();
    await using pool = operatorPool(url, 2);
    await using inspection = openInspection(url);
    const testHosts = [...config.RECORDING_TEST_HOSTS, ...config.ALERT_HOSTS];
    const inputs = {
      server,
      inspection,
      limitMb: config.DATABASE_LIMIT_MB,
      now,
      certificateDays: () =>
        certificateDaysLeft(server.href, { rules: { hosts: [], testHosts } }, { signal, now }),
    };
    const print = answersPrintedBy(surroundings);
    const database = await runChecks(onDatabase(url, OWN_DATABASE_CHECKS), inputs, print);
    const installation = joinedResults([database, await runChecks(OWN_SERVER_CHECKS, inputs, print)]);
    // The accounts are in the database.
    if (database.exitCode === 3)
      return resultWith(installation, [], { changed: [], program: surroundings.program });
    const setupOf = accountSetups({ config, session: workerSession(pool, STATEMENT_MS) });
    const examine = async (owner: Owner, ports: Pick<DoctorPorts, "waitMs">) => {
      const [agents, organizations] = await Promise.all([
        liveAgents(url),
        asOperator(url, (db) => listOrganizations(db)),
      ]);
      return await examineAccounts(
        {
          ...ports,
          config,
          owner,
          agents,
          organizations,
          server,
          signal,
          now,
          setupOf,
          program: surroundings.program,
          onAccount: ({ id, name }) =>
            surroundings.progress(`Account ${id}${name === null ? "" : ` (${printable(name)})`}:`),
          onAnswer: print,
        },
        account,
      );
    };
    return await withOwner(url, async (owner) => {
      // Deliveries are awaited with the changed settings.
      const before = await examine(owner, { waitMs: isFix ? null : waitMs });
      const changed = isFix ? await repair(before, surroundings, { isYes, signal }) : [];
      const isAgain = changed.length > 0 || (isFix && waitMs !== null);
      const after = isAgain ? await examine(owner, { waitMs }) : before;
      return resultWith(installation, after, { changed, program: surroundings.program });
    });
  },
});

const STATEMENT_MS = 10_000;

function resultWith(
  installation: CheckResult,
  accounts: readonly AccountResult[],
  { changed, program }: { readonly changed: readonly Changed[]; readonly program: string },
) {
  const joined = joinedResults([installation, ...accounts.map(({ result }) => result)]);
  const own = installation.checks.map((item) => ({ ...item, account: null }));
  const theirs = accounts.flatMap(({ account: { id }, result }) =>
    result.checks.map((item) => ({ ...item, account: id })),
  );
  const open = accounts.flatMap(({ examined }) => examined?.changes ?? []);
  const safe = open.filter(({ decision }) => decision === null).length;
  const offered = [
    ...(safe > 0 ? [`makes ${safe} safe ${safe === 1 ? "change" : "changes"}`] : []),
    ...(open.length > safe ? [`asks about ${open.length - safe} that a person has to decide`] : []),
  ];
  const offer = `${program} doctor --fix ${offered.join(", and ")}.`;
  return checksResult(joined, {
    document: {
      checks: [...own, ...theirs],
      problems: accounts.flatMap(({ account: { id }, examined }) =>
        (examined?.problems ?? []).map((problem) => ({ ...problem, account: id })),
      ),
      changes: changed,
    },
    after: open.length > 0 && changed.length === 0 ? [offer] : [],
  });
}
