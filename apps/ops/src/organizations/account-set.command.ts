import { HOST_RULE } from "@call-ledger/config";
import { changeAccount, listAccounts, OPERATOR } from "@call-ledger/db/access";
import { asOperator } from "@call-ledger/db-operator/admin";
import { command, failure, usage } from "../cli/command.ts";
import { oneId } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";
import { refusal } from "./refusal.ts";

/** The ids of accounts in a command line. */
export const ACCOUNT = { what: "account", shownBy: "account list" } as const;

/** The option of all commands that accept hosts of recordings. */
export const RECORDING_HOST_OPTION = {
  value: "HOST",
  about:
    "a host, besides the provider's, from which the account's recordings may be fetched, such as that of its own bucket; " +
    "*.example.com is every host below example.com; several are separated by commas",
  parse: hostsIn,
} as const;

export const accountSetCommand = command({
  about:
    "Changes the hosts from which the recordings of an account may be fetched, besides its provider's hosts and " +
    "RECORDING_HOSTS. Recordings that waited for a host are due immediately. The platform's own account can be named too.",
  options: {
    "recording-host": RECORDING_HOST_OPTION,
    "drop-recording-host": {
      value: "HOST",
      about: "a host from which they may no longer be fetched; several are separated by commas",
      parse: hostsIn,
    },
  },
  values: "ID",
  examples: [
    "account set 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --recording-host recordings.example.com",
    "account set 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --drop-recording-host recordings.example.com --json",
  ],

  async run({ recordingHost: add = [], dropRecordingHost: drop = [] }, { env }, values) {
    const id = oneId(values, ACCOUNT);
    if (add.length + drop.length === 0) throw usage("Give --recording-host or --drop-recording-host.");
    const changed = await asOperator(ownerUrl(env), async (db) => {
      const [account] = await listAccounts(db, id);
      if (account === undefined) return null;
      const allowed = [...new Set([...account.recordingHosts, ...add])];
      const hosts = allowed.filter((host) => !drop.includes(host)).toSorted();
      return { hosts, due: await changeAccount(db, OPERATOR, account, { recordingHosts: hosts }) };
    }).catch(refusal);
    if (changed === null) throw failure("There is no such account; account list shows the accounts.");
    const { hosts, due } = changed;
    return {
      document: { id, recording_hosts: hosts, recordings_due: due },
      text: [
        `Account ${id}: recordings may be fetched from ${hosts.length === 0 ? "its provider's hosts only" : hosts.join(", ")}.`,
        ...(due === 0 ? [] : [`${due} ${due === 1 ? "recording" : "recordings"} waited and may be due now.`]),
      ],
    };
  },
});

function hostsIn(text: string, option: string): string[] {
  const hosts = text.split(",").map((host) => host.trim().toLowerCase());
  if (hosts.every((host) => HOST_RULE.test(host))) return hosts;
  throw usage(
    `${option} has to be a host such as recordings.example.com or *.example.com, without https:// and path.`,
  );
}
