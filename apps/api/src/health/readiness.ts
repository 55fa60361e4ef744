/**
 * The facts that decide whether deliveries should be sent to this process. The part that finds a fact writes it here.
 */
export type Readiness = {
  /** Whether the database has ever answered. */
  contacted: boolean;
  /** Why this release must not run on the database's schema; `null`: it may, or that is not known yet. */
  incompatibility: string | null;
  stopping: boolean;
};

export function notReadyYet(): Readiness {
  return { contacted: false, incompatibility: null, stopping: false };
}

/**
 * Why this process is not ready; `null`: it is ready. A database that stops answering later is no reason: the platform
 * restarts a process that is not ready, and a restart does not bring a database back.
 */
export function unreadiness(readiness: Readiness): string | null {
  if (readiness.stopping) return "stopping";
  if (readiness.incompatibility !== null) return readiness.incompatibility;
  return readiness.contacted ? null : "the database has not been reached yet";
}
