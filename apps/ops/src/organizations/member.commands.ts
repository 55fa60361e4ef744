import { LINK_PREFIX, newToken } from "@call-ledger/credentials";
import type { Change } from "@call-ledger/db/access";
import {
  addOperatorLink,
  addSignInLink,
  inviteMember,
  listMembers,
  OPERATOR,
  removeMember,
} from "@call-ledger/db/access";
import { asOperator } from "@call-ledger/db-operator/admin";
import type { Role } from "@call-ledger/domain";
import { ROLES } from "@call-ledger/domain";
import { command, failure, usage } from "../cli/command.ts";
import { listResult, ORGANIZATION_FILTER } from "../cli/list-result.ts";
import { oneId, uuid } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";
import { refusal } from "./refusal.ts";

const AT_HOME = "http://localhost:3001";
const URL_OPTION = {
  value: "URL",
  about: `the address of the console in the link; default PUBLIC_URL, else ${AT_HOME}`,
} as const;

export const memberInviteCommand = command({
  about:
    "Adds a person to an organization and prints the link that signs them in: once, within 15 minutes. An existing member " +
    "gets a new link. With --operator the link signs the operator in.",
  options: {
    org: { value: "ID", about: "the organization", parse: uuid },
    email: { value: "ADDRESS", about: "the person's address; no mail is sent", parse: emailIn },
    name: { value: "NAME", about: "the person's name" },
    role: { value: "WORD", about: `${ROLES.join(", ")}; default admin`, words: ROLES },
    operator: { about: "a link for the operator, who belongs to no organization" },
    url: URL_OPTION,
  },
  examples: [
    "member invite --org 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --email reception@clinic.example --role staff",
    "member invite --operator",
  ],

  async run({ org: orgId, email, name = null, role = "admin", operator, url }, { env }) {
    const { token, hash } = newToken(LINK_PREFIX);
    const link = `${(url ?? env.PUBLIC_URL ?? AT_HOME).replace(/\/$/, "")}/sign-in#${token}`;
    if (operator) {
      if (orgId !== undefined || email !== undefined)
        throw usage("--operator cannot be used with --org and --email.");
      const expiresAt = await asOperator(ownerUrl(env), (db) => addOperatorLink(db, hash));
      return {
        document: { url: link, expires_at: expiresAt },
        text: [link, "It signs the operator in, once, within 15 minutes."],
      };
    }
    if (orgId === undefined || email === undefined) throw usage("Give --org and --email, or --operator.");
    const invited = await asOperator(ownerUrl(env), (db) =>
      invite(db, orgId, { email, name, role }, hash),
    ).catch(refusal);
    const who = invited.isNew ? `${email} is a member now, as ${role}` : `${email} was a member already`;
    return {
      document: { id: invited.id, url: link, expires_at: invited.expiresAt },
      text: [link, `${who}. The link signs them in, once, within 15 minutes.`],
    };
  },
});

export const memberListCommand = command({
  about: "Shows the members of all organizations, or of one, oldest first.",
  options: { org: ORGANIZATION_FILTER },
  examples: ["member list", "member list --org 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --json"],

  async run({ org }, { env, program }) {
    return listResult(await asOperator(ownerUrl(env), (db) => listMembers(db, org)), {
      columns: {
        ID: ({ id }) => id,
        ORGANIZATION: ({ orgId }) => orgId,
        ADDRESS: ({ email }) => email,
        ROLE: ({ role }) => role,
        "LAST SEEN": ({ lastSeenAt }) => lastSeenAt,
        NAME: ({ name }) => name,
      },
      none: `No members: ${program} member invite --org ID --email ADDRESS`,
    });
  },
});

export const memberRemoveCommand = command({
  about:
    "Removes a member by the id, and ends the member's sessions immediately. Their changes stay in the audit.",
  options: {},
  values: "ID",
  examples: ["member remove 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711"],

  async run(_options, { env }, values) {
    const id = oneId(values, { what: "member", shownBy: "member list" });
    const removed = await asOperator(ownerUrl(env), async (db) => {
      const [member] = await listMembers(db, undefined, id);
      if (member === undefined) return null;
      await removeMember(db, OPERATOR, member);
      return { id, email: member.email };
    });
    if (removed === null) throw failure(`There is no member ${id}; member list shows the members.`);
    return { document: removed, text: [`${removed.email} is no longer a member.`] };
  },
});

/**
 * Adds a member with a link that signs in once. If the address is that of a live member, the member gets a new link and
 * keeps the role. Throws DbError with the constraint's name: `members_org_id_fkey`, `members_one_live_email`.
 */
async function invite(
  db: Change,
  orgId: string,
  person: { readonly email: string; readonly name: string | null; readonly role: Role },
  tokenHash: Buffer,
): Promise<{ readonly id: string; readonly isNew: boolean; readonly expiresAt: Date }> {
  const author = { orgId, actor: OPERATOR };
  const address = person.email.toLowerCase();
  const known = (await listMembers(db, orgId)).find(({ email }) => email.toLowerCase() === address);
  if (known === undefined) return { ...(await inviteMember(db, author, person, tokenHash)), isNew: true };
  const expiresAt = await addSignInLink(db, author, known.id, tokenHash);
  return { id: known.id, isNew: false, expiresAt };
}

function emailIn(text: string): string {
  if (/^[^@\s]+@[^@\s]+$/.test(text) && text.length <= 200) return text;
  throw usage("--email has to be an address such as reception@clinic.example.");
}
