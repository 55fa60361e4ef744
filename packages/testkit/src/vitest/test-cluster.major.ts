import type { PostgresBinaries } from "@call-ledger/local-postgres";
import { type OlderMajor, olderBinaries } from "./postgres.majors.ts";

/** The supported majors. */
export type PostgresMajor = OlderMajor | 18;

const MAJORS: readonly PostgresMajor[] = [15, 16, 17, 18];

// biome-ignore lint/style/noProcessEnv: test tooling, which packages/config knows nothing of.
const fromEnvironment = () => process.env.TEST_POSTGRES_MAJOR;

/**
 * Returns the major of the whole run. Default: 18.
 * @throws Error if the major is not supported
 */
export function chosenMajor(chosen: string | undefined = fromEnvironment()): PostgresMajor {
  if (chosen === undefined || chosen === "") return 18;
  const major = MAJORS.find((one) => String(one) === chosen);
  if (major === undefined) throw new Error(`TEST_POSTGRES_MAJOR has to be one of ${MAJORS.join(", ")}.`);
  return major;
}

/**
 * Returns the options that start a cluster of a major. 18 needs none.
 * @throws Error if its binaries are missing
 */
export function binariesOfMajor(major: PostgresMajor): { readonly binaries?: PostgresBinaries } {
  return major === 18 ? {} : { binaries: olderBinaries(major) };
}
