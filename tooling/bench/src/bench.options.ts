import { parseArgs } from "node:util";
import type { FigureId } from "./figures/figure.budgets.ts";
import { FIGURE_IDS, FULL_ONLY, isFigureId } from "./figures/figure.budgets.ts";

export type BenchOptions = {
  readonly full: boolean;
  readonly figures: readonly FigureId[];
  /** Whether to measure where the processor time goes, instead of figures. */
  readonly profile: boolean;
  /** The path of the JSON file, as given. */
  readonly out: string | undefined;
};

export const USAGE = `Usage: pnpm bench [--full] [--only ID] [--out FILE]
       pnpm bench --profile [--full] [--out FILE]

--full      longer runs, and the figures on a million and on a hundred thousand calls
--only ID   one figure; may be given several times: ${FIGURE_IDS.join(", ")}
--profile   no figures: where the processor time of a delivery goes, in the api and in Postgres
--out FILE  writes the result as JSON
`;

/** Reads the command line. Throws a TypeError that names the wrong argument. */
export function readBenchOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      full: { type: "boolean", default: false },
      only: { type: "string", multiple: true },
      profile: { type: "boolean", default: false },
      out: { type: "string" },
    },
  });
  const only = values.only ?? FIGURE_IDS;
  const figures = only.filter(isFigureId);
  const unknown = only.find((id) => !isFigureId(id));
  if (unknown !== undefined) throw new TypeError(`there is no figure ${unknown}`);
  if (values.profile && values.only !== undefined) throw new TypeError("--profile measures no figure");
  const needsFull = values.full ? undefined : FULL_ONLY.find((id) => values.only?.includes(id));
  if (needsFull !== undefined) throw new TypeError(`${needsFull} is measured with --full only`);
  return { full: values.full, figures, profile: values.profile, out: values.out };
}
