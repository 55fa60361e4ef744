import type { PostgresBinaries } from "@call-ledger/local-postgres";
import { type OlderMajor, olderBinaries } from "./postgres.majors.ts";

/** The majors that are supported. */
export type PostgresMajor = OlderMajor | 18;

const MAJORS: readonly PostgresMajor[] = [15, 16, 17, 18];

// biome-ignore lint/style/noProcessEnv: test tooling, which packages/config knows nothing of.
const fromEnvironment = () => process.env.TEST_POSTGRES_MAJOR;

/**
 * The major that a whole run is on; 18 where nothing is chosen.
 * @throws Error when it is none that is supported
 */
export function chosenMajor(chosen: string | undefined = fromEnvironment()): PostgresMajor {
  if (chosen === undefined || chosen === "") return 18;
  const major = MAJORS.find((one) => String(one) === chosen);
  if (major === undefined) throw new Error(`TEST_POSTGRES_MAJOR has to be one of ${MAJORS.join(", ")}.`);
  return major;
}

/**
 * What a cluster of a major is started with; 18 is the one that starts by itself.
 * @throws Error when its binaries are missing
 */
export function binariesOfMajor(major: PostgresMajor): { readonly binaries?: PostgresBinaries } {
  return major === 18 ? {} : { binaries: olderBinaries(major) };
}
