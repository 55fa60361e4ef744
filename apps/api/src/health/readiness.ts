/** What decides whether this process should be sent deliveries; written by whoever finds it out. */
export type Readiness = {
  /** Whether the database has ever answered. */
  contacted: boolean;
  /** Why this code must not run on the schema that the database has, `null` when it may. */
  incompatibility: string | null;
  stopping: boolean;
};

export function notReadyYet(): Readiness {
  return { contacted: false, incompatibility: null, stopping: false };
}

/**
 * Why this process is not ready, `null` when it is. A database that is gone for a while is no reason:
 * the platform restarts what is not ready, and a restart does not bring a database back.
 */
export function unreadiness(readiness: Readiness): string | null {
  if (readiness.stopping) return "stopping";
  if (readiness.incompatibility !== null) return readiness.incompatibility;
  return readiness.contacted ? null : "the database has not been reached yet";
}
