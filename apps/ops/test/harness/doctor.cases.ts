import { PLATFORM_ACCOUNT } from "@call-ledger/db/testing";
import { simulateCall } from "@call-ledger/simulator";
import { snapshotsOf } from "@call-ledger/testkit/vapi";
import { documentOf } from "../run-ops.ts";
import type { ExaminedLedger } from "./examined-ledger.ts";
import { API_KEY, LOST_CALL, nameOf, RETRIES } from "./examined-ledger.ts";
import { HEALTHY } from "./stand-in.server.ts";

const DAY_MS = 86_400_000;

export type DoctorCase = {
  /** Creates the fault. */
  readonly breaks: (ledger: ExaminedLedger) => unknown;
  /** The only check that fails. */
  readonly check: string;
  readonly says: string;
  readonly env?: (ledger: ExaminedLedger) => Record<string, string>;
  /** Whether `--fix` repairs the fault. */
  readonly isFixed?: true;
};

const without = (service: string) => (ledger: ExaminedLedger) => {
  ledger.health.body = { ...ledger.health.body, services: { ...HEALTHY.services, [service]: false } };
};

export const DOCTOR_CASES: readonly DoctorCase[] = [
  {
    check: "database_size",
    says: "of 10 MB",
    breaks: () => null,
    env: () => ({ DATABASE_LIMIT_MB: "10" }),
  },
  {
    check: "database_writable",
    says: "read_only",
    breaks: ({ owner, database }) =>
      owner.unsafe(`alter database ${nameOf(database)} set default_transaction_read_only = on`),
  },
  {
    check: "certificate",
    says: "0 days left",
    breaks: (ledger) => ledger.assistantServer({ url: ledger.expiring.url("/api/webhooks/vapi") }),
    env: (ledger) => ({ PUBLIC_URL: ledger.expiring.url("") }),
  },
  {
    check: "public_url",
    says: "not call-ledger's /health",
    breaks: (ledger) => {
      ledger.health = { status: 404, body: {} };
    },
  },
  {
    check: "clock",
    says: "60 s apart",
    breaks: (ledger) => {
      ledger.health.body = { ...ledger.health.body, timestamp: new Date(Date.now() - 60_000).toISOString() };
    },
  },
  { check: "storage_writable", says: "no", breaks: without("supabase") },
  { check: "worker_alive", says: "no", breaks: without("backgroundJobs") },
  {
    check: "deliveries_verified",
    says: "there was never a delivery",
    breaks: (ledger) => ledger.owner`delete from account_contacts`,
  },
  {
    check: "deliveries_verified",
    says: "refused: wrong_proof",
    breaks: (ledger) =>
      ledger.contact({ last_refused_at: new Date(Date.now() + 1_000), last_refusal: "wrong_proof" }),
  },
  {
    check: "provider_settings",
    says: "refuses the API key (HTTP 401): set VAPI_API_KEY",
    breaks: () => null,
    env: () => ({ VAPI_API_KEY: "another" }),
  },
  {
    check: "server_url",
    says: "nothing is sent",
    breaks: async (ledger) => {
      // The fix attaches the credential that this one uses.
      ledger.vapi.settings.assistant.set("back", { server: ledger.rightServer() });
      await ledger.agent("back");
      ledger.assistant({ server: null });
    },
    isFixed: true,
  },
  {
    check: "server_url",
    says: "/webhooks/vapi, and this account's deliveries belong to https://",
    breaks: (ledger) => ledger.assistantServer({ url: ledger.webhookUrl("/webhooks/vapi?token=s3cret") }),
    isFixed: true,
  },
  {
    check: "server_url",
    says: "sends to elsewhere.test, and",
    breaks: (ledger) => ledger.assistantServer({ url: "https://elsewhere.test/s3cret" }),
  },
  {
    check: "server_url_shadowed",
    says: "takes precedence over the right URL of the organization",
    breaks: (ledger) => {
      ledger.vapi.settings.org.set("org-1", { server: ledger.rightServer() });
      ledger.assistantServer({ url: "https://elsewhere.test" });
    },
  },
  {
    check: "credential",
    says: "Create an HMAC credential",
    breaks: (ledger) => {
      ledger.vapi.settings.forbidden.add("credential");
      ledger.assistantServer({ credentialId: null });
    },
  },
  {
    check: "credential",
    says: "no credential",
    breaks: (ledger) => {
      ledger.vapi.settings.org.set("org-1", { server: ledger.rightServer() });
      ledger.assistantServer({ credentialId: null });
    },
    isFixed: true,
  },
  {
    check: "credential",
    says: "If credential credential-1 has this account's secret: curl",
    breaks: (ledger) => ledger.assistantServer({ credentialId: null }),
  },
  {
    check: "credential",
    says: "Squad squad-1 has a member or an override that sends no credential",
    breaks: (ledger) => {
      const server = { url: ledger.webhookUrl(), backoffPlan: RETRIES };
      const members = [{ assistantId: "front", assistantOverrides: { server } }];
      ledger.vapi.settings.squad.set("squad-1", { members });
      return ledger.agent("squad-1");
    },
  },
  {
    check: "credential",
    says: "hmac sha512",
    breaks: (ledger) =>
      ledger.vapi.settings.credential.set("credential-1", {
        authenticationPlan: { type: "hmac", algorithm: "sha512" },
      }),
  },
  {
    check: "retries",
    says: "backoffPlan",
    breaks: (ledger) => ledger.assistantServer({ backoffPlan: null }),
    isFixed: true,
  },
  {
    check: "retries",
    says: "Organization org-1",
    breaks: (ledger) => {
      ledger.assistant({ server: null });
      ledger.vapi.settings.org.set("org-1", { server: { ...ledger.rightServer(), backoffPlan: null } });
    },
    isFixed: true,
  },
  {
    check: "retries",
    says: "Phone number number-1",
    breaks: (ledger) => {
      ledger.assistant({ server: null });
      const server = { ...ledger.rightServer(), backoffPlan: null };
      ledger.vapi.settings["phone-number"].set("number-1", {
        provider: "vapi",
        assistantId: "front",
        server,
      });
    },
    isFixed: true,
  },
  {
    check: "server_messages",
    says: "does not send end-of-call-report",
    breaks: (ledger) => ledger.assistant({ serverMessages: ["status-update"] }),
    isFixed: true,
  },
  {
    check: "recording",
    says: "does not record",
    breaks: (ledger) => ledger.assistant({ artifactPlan: { recordingEnabled: false } }),
  },
  {
    check: "recording",
    says: "inline assistants",
    breaks: (ledger) => {
      const members = [{ assistantId: "front" }, { assistant: { model: {} } }];
      ledger.vapi.settings.squad.set("squad-1", { members });
      return ledger.agent("squad-1");
    },
  },
  {
    check: "retention",
    says: "Vapi keeps a call for 14 days, and the oldest one that waits for its recording or its comparison is 20 days",
    breaks: (
      ledger,
    ) => ledger.owner`insert into reconciled_accounts (provider_account_id, provider, compared_until)
      values (${PLATFORM_ACCOUNT}, 'vapi', ${new Date(Date.now() - 20.5 * DAY_MS)})`,
  },
  {
    check: "retention",
    says: "Calls are compared, and their recordings fetched, for 14 days",
    breaks: (ledger) => {
      ledger.vapi.settings.org.set("org-1", { server: null, subscription: { callRetentionDays: 30 } });
      return ledger.owner`insert into reconciled_accounts (provider_account_id, provider, compared_until)
        values (${PLATFORM_ACCOUNT}, 'vapi', ${new Date(Date.now() - 20.5 * DAY_MS)})`;
    },
  },
  {
    check: "agents_registered",
    says: "Assistant stray",
    breaks: (ledger) => ledger.vapi.settings.assistant.set("stray", { name: "Stray" }),
  },
  {
    check: "agents_at_provider",
    says: "gone, which is no assistant",
    breaks: (ledger) => ledger.agent("gone"),
  },
  {
    check: "phone_numbers",
    says: "has assistantId and squadId",
    breaks: (ledger) =>
      ledger.vapi.settings["phone-number"].set("number-1", {
        provider: "vapi",
        assistantId: "front",
        squadId: "squad-1",
      }),
  },
  {
    check: "read_by_one_account",
    says: "reads them too: calls of assistants that are not registered",
    breaks: async ({ ops, org, owner }) => {
      const made = documentOf(await ops(["account", "add", "--org", org, "--api-key", API_KEY, "--json"]));
      await owner`insert into account_contacts (provider_account_id, last_verified_at)
        values (${made.id}, now())`;
    },
  },
  {
    check: "calls_delivered",
    says: "1 or more since",
    breaks: (ledger) => {
      const call = simulateCall({
        seed: 1,
        assistantId: "front",
        startedAt: Date.now() - DAY_MS / 24,
        turns: 2,
      });
      ledger.vapi.keep(LOST_CALL, snapshotsOf(call));
      return ledger.contact({ last_verified_at: new Date(Date.now() - DAY_MS / 12) });
    },
  },
];
