import type { HealthStatus } from "@call-ledger/contract/health";
import type { Inspection } from "@call-ledger/db-operator/inspect";
import { CERTIFICATE_DAYS } from "@call-ledger/domain";
import type { Check, Finding } from "../deploy/checks/check.ts";
import { askHealth } from "../deploy/server/ask-health.ts";
import { ADVICE } from "../deploy/server/server.checks.ts";
import { sizeCheck, WRITABLE_CHECK } from "../deploy/verify/ledger.checks.ts";

/** The installation as a sender reaches it. */
export type InstallationInputs = {
  /** The URL at which senders reach the server. */
  readonly server: URL;
  readonly inspection: Inspection;
  readonly limitMb: number;
  /** See `certificateDaysLeft`. */
  certificateDays(): Promise<number | null>;
  /** Returns milliseconds since 1970. */
  now(): number;
  /** The server's health, set by `public_url`. */
  health?: HealthStatus;
};

const MAX_CLOCK_SECONDS = 30;

/** What the database says; the server is asked even if it says nothing. */
export const OWN_DATABASE_CHECKS: readonly Check<InstallationInputs>[] = [
  sizeCheck("database_size", "Make room"),
  WRITABLE_CHECK,
];

export const OWN_SERVER_CHECKS: readonly Check<InstallationInputs>[] = [
  {
    id: "certificate",
    expected: `https, with a certificate that is valid for ${CERTIFICATE_DAYS.opens} days`,
    run: certificateFinding,
  },
  {
    id: "public_url",
    expected: "call-ledger answers at the public URL",
    run: healthFinding,
  },
  {
    id: "clock",
    expected: `the server's clock is that of this machine, within ${MAX_CLOCK_SECONDS} s`,
    needs: "public_url",
    run: async ({ health, now }) => clockFinding(health, now()),
  },
  serviceCheck("storage_writable", "supabase", "recordings can be stored"),
  serviceCheck("worker_alive", "backgroundJobs", "a worker was seen within a minute"),
];

async function certificateFinding({ server, certificateDays }: InstallationInputs): Promise<Finding> {
  if (server.protocol !== "https:") {
    const next = `Give providers an https URL, and set PUBLIC_URL to it.`;
    return { ok: false, found: "http: deliveries can be read and changed on their way", next };
  }
  const days = await certificateDays();
  if (days === null) return { ok: true, found: "https; the certificate cannot be read from here" };
  return {
    ok: days >= CERTIFICATE_DAYS.opens,
    found: days < 0 ? "the certificate is not valid" : `${days} days left`,
    next: "Renew the certificate. docs/runbooks/certificate-expiring.md describes how.",
  };
}

async function healthFinding(inputs: InstallationInputs): Promise<Finding> {
  const { httpStatus, health, fault } = await askHealth(inputs.server);
  if (health === null) {
    const next = "Set PUBLIC_URL to the URL at which providers reach this server.";
    return { ok: false, found: `${httpStatus}, ${fault}: not call-ledger's /health`, next };
  }
  inputs.health = health;
  return { ok: true, found: `status ${health.status}` };
}

function clockFinding(health: HealthStatus | undefined, now: number): Finding {
  const apart = health === undefined ? 0 : Math.round(Math.abs(Date.parse(health.timestamp) - now) / 1_000);
  return {
    ok: apart <= MAX_CLOCK_SECONDS,
    found: `${apart} s apart`,
    next: "Synchronize both clocks with a time server. A server whose clock is minutes behind refuses signed deliveries.",
  };
}

function serviceCheck(
  id: string,
  service: "supabase" | "backgroundJobs",
  expected: string,
): Check<InstallationInputs> {
  return {
    id,
    expected,
    needs: "public_url",
    run: async ({ health }) => {
      const ok = health?.services[service] === true;
      return { ok, found: ok ? "yes" : "no", next: ADVICE[service] };
    },
  };
}
