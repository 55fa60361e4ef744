import type { DoctorCase } from "./doctor-case.ts";
import type { ExaminedLedger } from "./examined-ledger.ts";
import { nameOf } from "./examined-ledger.ts";
import { HEALTHY } from "./stand-in.server.ts";

const without = (service: string) => (ledger: ExaminedLedger) => {
  ledger.health.body = { ...ledger.health.body, services: { ...HEALTHY.services, [service]: false } };
};

function healthy(ledger: ExaminedLedger): void {
  ledger.health = { status: 200, body: { ...HEALTHY, timestamp: new Date().toISOString() } };
}

/** The cure is in the environment. */
const nothing = () => undefined;

/** Faults of the installation, and of what came to it. */
export const INSTALLATION_CASES: readonly DoctorCase[] = [
  {
    check: "database_size",
    says: "of 10 MB",
    breaks: () => null,
    env: () => ({ DATABASE_LIMIT_MB: "10" }),
    cure: nothing,
  },
  {
    check: "database_writable",
    says: "read_only",
    breaks: ({ owner, database }) =>
      owner.unsafe(`alter database ${nameOf(database)} set default_transaction_read_only = on`),
    cure: async (ledger, next) => {
      const commands = [...next.matchAll(/-c '(.*?)'/g)].map(([, sql]) => sql ?? "");
      for (const sql of commands) await ledger.owner.unsafe(sql);
    },
  },
  {
    check: "certificate",
    says: "0 days left",
    breaks: (ledger) => ledger.assistantServer({ url: ledger.expiring.url("/api/webhooks/vapi") }),
    env: (ledger) => ({ PUBLIC_URL: ledger.expiring.url("") }),
    cure: (ledger) => ledger.assistant({}),
  },
  {
    check: "public_url",
    says: "not call-ledger's /health",
    breaks: (ledger) => {
      ledger.health = { status: 404, body: {} };
    },
    cure: healthy,
  },
  {
    check: "clock",
    says: "60 s apart",
    breaks: (ledger) => {
      ledger.health.body = { ...ledger.health.body, timestamp: new Date(Date.now() - 60_000).toISOString() };
    },
    cure: healthy,
  },
  { check: "storage_writable", says: "no", breaks: without("supabase"), cure: healthy },
  { check: "worker_alive", says: "no", breaks: without("backgroundJobs"), cure: healthy },
  {
    check: "deliveries_verified",
    says: "there was never a delivery",
    breaks: (ledger) => ledger.owner`delete from account_contacts`,
    cure: (ledger) => ledger.contact({}),
  },
  {
    check: "deliveries_verified",
    says: "Set VAPI_WEBHOOK_SECRET in the environment of the service",
    breaks: (ledger) =>
      ledger.contact({ last_refused_at: new Date(Date.now() + 1_000), last_refusal: "wrong_proof" }),
    cure: (ledger) => ledger.contact({}),
  },
  {
    check: "recordings_named",
    says: "An assistant or an override that is sent with a call needs it too",
    breaks: async (ledger) => {
      await ledger.conversation({ minutesAgo: 90, isRecorded: true });
      for (const minutesAgo of [50, 40, 30]) await ledger.conversation({ minutesAgo, isRecorded: false });
    },
    cure: (ledger) => ledger.conversation({ minutesAgo: 5, isRecorded: true }),
  },
];
