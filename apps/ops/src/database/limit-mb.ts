import type { Environment } from "@call-ledger/config";
import { loadConfig } from "@call-ledger/config";
import { usage } from "../cli/command.ts";

/** DATABASE_LIMIT_MB. Throws a usage error where it is wrong. */
export function limitMb({ DATABASE_LIMIT_MB }: Environment): number {
  const loaded = loadConfig({ DATABASE_LIMIT_MB });
  if (loaded.ok) return loaded.config.DATABASE_LIMIT_MB;
  throw usage(loaded.problems.map(({ variable, problem }) => `${variable} ${problem}.`).join("\n"));
}
