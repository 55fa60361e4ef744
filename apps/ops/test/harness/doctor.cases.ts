import { PLATFORM_ACCOUNT } from "@call-ledger/db/testing";
import { simulateCall } from "@call-ledger/simulator";
import { snapshotsOf } from "@call-ledger/testkit/vapi";
import type { DoctorCase } from "./doctor-case.ts";
import { pasted, ran } from "./doctor-case.ts";
import type { ExaminedLedger } from "./examined-ledger.ts";
import { API_KEY, LOST_CALL, RETRIES, STRANGERS_KEY } from "./examined-ledger.ts";
import { INSTALLATION_CASES } from "./installation.cases.ts";
import { documentOf } from "./run-ops.ts";

const DAY_MS = 86_400_000;

/** The cure is in the environment. */
const nothing = () => undefined;

/** Sets the one squad, which gives its member these settings, with its agent. */
async function squad(ledger: ExaminedLedger, assistantOverrides: object): Promise<void> {
  const members = [{ assistantId: "front", assistantOverrides }];
  const isThere = ledger.vapi.settings.squad.has("squad-1");
  ledger.vapi.settings.squad.set("squad-1", { members });
  if (!isThere) await ledger.agent("squad-1");
}

export const DOCTOR_CASES: readonly DoctorCase[] = [
  ...INSTALLATION_CASES,
  {
    check: "provider_settings",
    says: "refuses the API key (HTTP 401): set VAPI_API_KEY",
    breaks: () => null,
    env: () => ({ VAPI_API_KEY: "another" }),
    cure: nothing,
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
    fix: "safe",
    cure: pasted,
  },
  {
    check: "server_url",
    says: "/webhooks/vapi, and this account's deliveries belong to https://",
    breaks: (ledger) => ledger.assistantServer({ url: ledger.webhookUrl("/webhooks/vapi?token=s3cret") }),
    fix: "safe",
    cure: pasted,
  },
  {
    check: "server_url",
    says: "sends to elsewhere.test, and",
    breaks: (ledger) => ledger.assistantServer({ url: "https://elsewhere.test/s3cret" }),
    fix: "asked",
    cure: pasted,
  },
  {
    check: "server_url",
    says: "1 assistant or number relies on the organization's server URL, which this key may not read",
    breaks: (ledger) => {
      ledger.vapi.settings.forbidden.add("org");
      ledger.assistant({ server: null });
      return ledger.contact({ last_verified_at: new Date(Date.now() - 8 * DAY_MS) });
    },
    cure: (ledger) => {
      // The key still may not read it; a delivery proves it.
      ledger.vapi.settings.org.set("org-1", { server: ledger.rightServer() });
      return ledger.contact({});
    },
  },
  {
    check: "server_url_shadowed",
    says: "Squad squad-1 gives members a server URL of their own, elsewhere.test",
    breaks: (ledger) => squad(ledger, { server: { url: "https://elsewhere.test/s3cret" } }),
    cure: (ledger) => squad(ledger, {}),
  },
  {
    check: "server_url_shadowed",
    says: "takes precedence over the right URL of the organization",
    breaks: (ledger) => {
      ledger.vapi.settings.org.set("org-1", { server: ledger.rightServer() });
      ledger.assistantServer({ url: "https://elsewhere.test" });
    },
    fix: "asked",
    cure: pasted,
  },
  {
    check: "credential",
    says: "Create an HMAC credential",
    breaks: (ledger) => {
      ledger.vapi.settings.forbidden.add("credential");
      ledger.assistantServer({ credentialId: null });
    },
    cure: (ledger, next) => {
      // A key that may not read the credentials does not help to name one.
      ledger.vapi.settings.forbidden.clear();
      return pasted(ledger, next.replaceAll("CREDENTIAL_ID", "credential-1"));
    },
  },
  {
    check: "credential",
    says: "no credential",
    breaks: (ledger) => {
      ledger.vapi.settings.org.set("org-1", { server: ledger.rightServer() });
      ledger.assistantServer({ credentialId: null });
    },
    fix: "safe",
    cure: pasted,
  },
  {
    check: "credential",
    says: "If credential credential-1 has this account's secret: curl",
    breaks: (ledger) => ledger.assistantServer({ credentialId: null }),
    fix: "asked",
    cure: pasted,
  },
  {
    check: "credential",
    says: "Squad squad-1 has a member or an override that sends no credential",
    breaks: (ledger) => squad(ledger, { server: { url: ledger.webhookUrl(), backoffPlan: RETRIES } }),
    cure: (ledger) => squad(ledger, { server: ledger.rightServer() }),
  },
  {
    check: "credential",
    says: "hmac sha512",
    breaks: (ledger) =>
      ledger.vapi.settings.credential.set("credential-1", {
        authenticationPlan: { type: "hmac", algorithm: "sha512" },
      }),
    cure: (ledger, next) => {
      const authenticationPlan = JSON.parse(next.slice(next.indexOf("{")));
      ledger.vapi.settings.credential.set("credential-1", { authenticationPlan });
    },
  },
  {
    check: "retries",
    says: "backoffPlan",
    breaks: (ledger) => ledger.assistantServer({ backoffPlan: null }),
    fix: "safe",
    cure: pasted,
  },
  {
    check: "retries",
    says: "Organization org-1",
    breaks: (ledger) => {
      ledger.assistant({ server: null });
      ledger.vapi.settings.org.set("org-1", { server: { ...ledger.rightServer(), backoffPlan: null } });
    },
    fix: "safe",
    cure: pasted,
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
    fix: "safe",
    cure: pasted,
  },
  {
    check: "server_messages",
    says: "does not send end-of-call-report",
    breaks: (ledger) => ledger.assistant({ serverMessages: ["status-update"] }),
    fix: "safe",
    cure: pasted,
  },
  {
    check: "retries",
    says: "Squad squad-1 has a member or an override that does not send again",
    breaks: (ledger) => squad(ledger, { server: { ...ledger.rightServer(), backoffPlan: null } }),
    cure: (ledger) => squad(ledger, { server: ledger.rightServer() }),
  },
  {
    check: "server_messages",
    says: "Squad squad-1 has members whose own list of messages leaves out end-of-call-report",
    breaks: (ledger) => squad(ledger, { serverMessages: ["status-update"] }),
    cure: (ledger, next) =>
      squad(ledger, { serverMessages: ["status-update", ...JSON.parse(/\[.*?\]/.exec(next)?.[0] ?? "")] }),
  },
  {
    check: "recording",
    says: "does not record",
    breaks: (ledger) => ledger.assistant({ artifactPlan: { recordingEnabled: false } }),
    fix: "asked",
    cure: pasted,
  },
  {
    check: "recording",
    says: "inline assistants",
    breaks: (ledger) => {
      const members = [{ assistantId: "front" }, { assistant: { model: {} } }];
      ledger.vapi.settings.squad.set("squad-1", { members });
      return ledger.agent("squad-1");
    },
    cure: (ledger) => {
      const members = [
        { assistantId: "front" },
        { assistant: { model: {}, artifactPlan: { recordingEnabled: true } } },
      ];
      ledger.vapi.settings.squad.set("squad-1", { members });
    },
  },
  {
    check: "retention",
    says: "Vapi keeps a call for 14 days, and the oldest one that waits for its recording or its comparison is 20 days",
    breaks: (
      ledger,
    ) => ledger.owner`insert into reconciled_accounts (provider_account_id, provider, compared_until)
      values (${PLATFORM_ACCOUNT}, 'vapi', ${new Date(Date.now() - 20.5 * DAY_MS)})`,
    cure: (ledger, next) => ran(ledger, next.replace(/\n.*/s, "")),
  },
  {
    check: "retention",
    says: "Calls are compared, and their recordings fetched, for 14 days",
    breaks: (ledger) => {
      ledger.vapi.settings.org.set("org-1", { server: null, subscription: { callRetentionDays: 30 } });
      return ledger.owner`insert into reconciled_accounts (provider_account_id, provider, compared_until)
        values (${PLATFORM_ACCOUNT}, 'vapi', ${new Date(Date.now() - 20.5 * DAY_MS)})`;
    },
    cure: (ledger, next) => ran(ledger, next.replace(/\n.*/s, "")),
  },
  {
    check: "agents_registered",
    says: "Assistant stray",
    breaks: (ledger) =>
      ledger.vapi.settings.assistant.set("stray", { name: "Stray", server: ledger.rightServer() }),
    fix: "asked",
    cure: ran,
  },
  {
    check: "agents_at_provider",
    says: "gone, which is no assistant",
    breaks: (ledger) => ledger.agent("gone"),
    fix: "asked",
    cure: (ledger, next) => ran(ledger, next.replace(/,.*/, "")),
  },
  {
    check: "phone_numbers",
    says: "is answered by back at Vapi, and is registered here for front",
    breaks: (ledger) => {
      ledger.vapi.settings.assistant.set("back", { server: ledger.rightServer() });
      ledger.vapi.settings["phone-number"].set("number-1", { provider: "vapi", assistantId: "back" });
      return ledger.agent("back");
    },
    fix: "asked",
    cure: pasted,
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
    fix: "asked",
    cure: pasted,
  },
  {
    check: "read_by_one_account",
    says: "reads them too: calls of assistants that are not registered",
    breaks: async ({ ops, org, owner }) => {
      const made = documentOf(await ops(["account", "add", "--org", org, "--api-key", API_KEY, "--json"]));
      await owner`insert into account_contacts (provider_account_id, last_verified_at)
        values (${made.id}, now())`;
    },
    cure: (ledger, next) => ran(ledger, next.replace(/\n.*/s, "").replace("env:NAME", STRANGERS_KEY)),
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
    cure: async (ledger, next) => {
      await ran(ledger, next.replace(/.*book the calls: /, ""));
      await ledger.contact({});
    },
  },
];
