/** What a service says about itself. */
export type ServiceState = {
  /** The commit that runs, `null` where the release is too old to say. */
  readonly commit: string | null;
  readonly ready: boolean;
};

/**
 * Asks the service which commit it runs and whether it is ready; `null` when nobody answers within `patienceMs`.
 * A free service that sleeps needs up to a minute for the first answer.
 */
export async function serviceState(url: URL, patienceMs: number): Promise<ServiceState | null> {
  const signal = AbortSignal.timeout(patienceMs);
  try {
    const health = await fetch(new URL("/health", url), { signal });
    const report: unknown = await health.json();
    const ready = await fetch(new URL("/health/ready", url), { signal });
    await ready.arrayBuffer();
    return { commit: commitIn(report), ready: ready.status === 200 };
  } catch {
    return null;
  }
}

function commitIn(report: unknown): string | null {
  if (typeof report !== "object" || report === null || !("commit" in report)) return null;
  return typeof report.commit === "string" ? report.commit : null;
}
