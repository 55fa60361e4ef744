import type { TestSpecification } from "vitest/node";
import { BaseSequencer } from "vitest/node";

/** Files that take longer than their size suggests, the longest first. */
export const LONG_FILES: readonly string[] = [
  "tooling/bench/test/bench.session.test.ts",
  "tests/console/console.pg.test.ts",
  "tests/console/accessibility.pg.test.ts",
  "tests/pipeline/pipeline.pg.test.ts",
  "apps/ops/test/restore.pg.test.ts",
  "tests/deployment-day/deployment-day.pg.test.ts",
  "tests/attacks/hostile-shapes.pg.test.ts",
  "tests/faults/chart-of-faults.pg.test.ts",
  "tests/roll-out/roll-out.pg.test.ts",
  "apps/ops/test/endings.pg.test.ts",
  "tests/console/test-call.pg.test.ts",
  "tooling/dev/start/test/local.start.pg.test.ts",
  "packages/db-operator/test/adoption.pg.test.ts",
  "apps/api/test/rest/api-doc.pg.test.ts",
  "tests/attacks/fairness.pg.test.ts",
  "apps/ops/test/preflight.pg.test.ts",
  "apps/ops/test/adopt.pg.test.ts",
  "tests/faults/sigkill.pg.test.ts",
  "tests/unattended-night/unattended-night.pg.test.ts",
  "tests/reconcile/reconcile.pg.test.ts",
  "packages/db/test/migrate.pg.test.ts",
  "tests/image/image.pg.test.ts",
  "apps/ops/test/restore.schema.pg.test.ts",
  "packages/worker/test/stored.pg.test.ts",
  "packages/worker/test/limits.pg.test.ts",
  "packages/local-postgres/test/cluster.start.pg.test.ts",
  "apps/ops/test/migrate.status.pg.test.ts",
  "packages/db-operator/test/adopt-odd.pg.test.ts",
  "apps/ops/test/verify.pg.test.ts",
  "packages/db-operator/test/adopt-application.pg.test.ts",
  "apps/ops/test/one-operation.pg.test.ts",
  "apps/ops/test/preflight.migrations.pg.test.ts",
  "apps/api/test/start/shutdown.pg.test.ts",
  "packages/worker/test/sigkill.pg.test.ts",
];

/** Starts the longest files first, so that no worker is left alone with a long one at the end. */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const placeOf = ({ moduleId }: TestSpecification) => {
      const place = LONG_FILES.findIndex((path) => moduleId.endsWith(`/${path}`));
      return place === -1 ? LONG_FILES.length : place;
    };
    return sorted.toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}
