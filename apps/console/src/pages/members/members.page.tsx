import type { Member } from "@call-ledger/contract/people";
import { useMutation, useQuery } from "@tanstack/react-query";
import { UserPlus, Users } from "lucide-react";
import { useState } from "react";
import { chosenOrganization } from "../../api/chosen-organization.ts";
import { request } from "../../api/client.ts";
import { useChange } from "../../api/use-change.ts";
import { useMe } from "../../app/session.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/dialog.tsx";
import { SelectField, TextField } from "../../components/form.tsx";
import { FormDialog, faultOf, textIn } from "../../components/form-dialog.tsx";
import { Loaded } from "../../components/loaded.tsx";
import { ShownOnce } from "../../components/once.tsx";
import { Card, endCell, Page, Table } from "../../components/page.tsx";
import { State } from "../../components/state.tsx";
import { Time } from "../../components/time.tsx";
import { showToast } from "../../components/toast.tsx";
import { t, word } from "../../text/text.ts";
import styles from "./members.module.css";

const ROLES = [
  { role: "staff", about: "members.staffAbout" },
  { role: "viewer", about: "members.viewerAbout" },
  { role: "admin", about: "members.adminAbout" },
] as const;
type Role = (typeof ROLES)[number]["role"];

/** The open dialog and its member. */
type Open =
  | { readonly dialog: "invite" }
  | { readonly dialog: "change" | "remove"; readonly member: Member }
  | { readonly dialog: "link"; readonly email: string; readonly url: string };

const useMembersKey = () => ["members", chosenOrganization()] as const;

/** The members of the organization and their roles. */
export function MembersPage() {
  const key = useMembersKey();
  const members = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => request("GET", "/members", { signal }),
  });
  const [open, setOpen] = useState<Open>();
  const close = (): void => setOpen(undefined);
  return (
    <Page
      title={t("members.title")}
      about={t("members.about")}
      actions={
        <Button look="primary" onClick={() => setOpen({ dialog: "invite" })}>
          <UserPlus size={15} aria-hidden />
          {t("members.invite")}
        </Button>
      }
    >
      <Card flush>
        <Loaded query={members}>
          {({ data }) =>
            data.length === 0 ? (
              <State icon={<Users size={18} aria-hidden />} title={t("members.emptyTitle")}>
                <p>{t("members.empty")}</p>
              </State>
            ) : (
              <MemberTable members={data} onOpen={setOpen} />
            )
          }
        </Loaded>
      </Card>
      {open?.dialog === "invite" && (
        <InviteDialog onDone={(email, url) => setOpen({ dialog: "link", email, url })} onClose={close} />
      )}
      {open?.dialog === "change" && <ChangeDialog member={open.member} onClose={close} />}
      {open?.dialog === "remove" && <RemoveDialog member={open.member} onClose={close} />}
      {open?.dialog === "link" && (
        <ShownOnce
          title={t("members.linkTitle")}
          about={t("members.linkAbout", { email: open.email })}
          secret={open.url}
          onClose={close}
        />
      )}
    </Page>
  );
}

function MemberTable({ members, onOpen }: { members: readonly Member[]; onOpen: (open: Open) => void }) {
  const link = useMutation({
    mutationFn: ({ id }: Member) =>
      request("POST", "/members/{member}/sign-in-link", { params: { member: id } }),
    onSuccess: ({ url }, { email }) => onOpen({ dialog: "link", email, url }),
    onError: (error) => showToast(error.message),
  });
  return (
    <Table
      label={t("members.title")}
      headings={[t("members.person"), t("members.role"), t("members.lastSeen"), ""]}
    >
      {members.map((member) => (
        <tr key={member.id}>
          <td>
            <b>{member.name ?? member.email}</b>
            {member.name !== null && <div className={styles.email}>{member.email}</div>}
          </td>
          <td>{word("role", member.role)}</td>
          <td>
            {member.last_seen_at === null ? (
              t("members.never")
            ) : (
              <Time at={member.last_seen_at} form="relative" />
            )}
          </td>
          <td className={endCell}>
            <Button look="quiet" busy={link.isPending} onClick={() => link.mutate(member)}>
              {t("members.newLink")}
            </Button>
            <Button look="quiet" onClick={() => onOpen({ dialog: "change", member })}>
              {t("members.change")}
            </Button>
            <Button look="quiet" onClick={() => onOpen({ dialog: "remove", member })}>
              {t("common.remove")}
            </Button>
          </td>
        </tr>
      ))}
    </Table>
  );
}

function InviteDialog({
  onDone,
  onClose,
}: {
  onDone: (email: string, url: string) => void;
  onClose: () => void;
}) {
  const invite = useChange(
    useMembersKey(),
    (body: { email: string; name: string | null; role: Role }) => request("POST", "/members", { body }),
    ({ member, link }) => onDone(member.email, link.url),
  );
  return (
    <FormDialog
      title={t("members.invite")}
      about={t("members.inviteAbout")}
      action={t("members.inviteAction")}
      mutation={invite}
      variables={(form) => ({
        email: textIn(form, "email") ?? "",
        name: textIn(form, "name"),
        role: roleIn(form),
      })}
      onClose={onClose}
    >
      <TextField
        label={t("members.email")}
        name="email"
        type="email"
        required
        autoFocus
        fault={faultOf(invite.error, "email")}
      />
      <TextField label={t("members.name")} name="name" fault={faultOf(invite.error, "name")} />
      <RoleChoice chosen="staff" />
    </FormDialog>
  );
}

function ChangeDialog({ member, onClose }: { member: Member; onClose: () => void }) {
  const change = useChange(
    useMembersKey(),
    (body: { name: string | null; role: Role }) =>
      request("PATCH", "/members/{member}", { params: { member: member.id }, body }),
    () => {
      showToast(t("common.saved"));
      onClose();
    },
  );
  return (
    <FormDialog
      title={member.email}
      action={t("common.save")}
      mutation={change}
      variables={(form) => ({ name: textIn(form, "name"), role: roleIn(form) })}
      onClose={onClose}
    >
      <TextField label={t("members.name")} name="name" defaultValue={member.name ?? ""} />
      <RoleChoice chosen={member.role} />
    </FormDialog>
  );
}

function RoleChoice({ chosen }: { chosen: Role }) {
  return (
    <SelectField
      label={t("members.role")}
      name="role"
      defaultValue={chosen}
      hint={
        <ul>
          {ROLES.map(({ role, about }) => (
            <li key={role}>
              <b>{word("role", role)}</b>: {t(about)}
            </li>
          ))}
        </ul>
      }
    >
      {ROLES.map(({ role }) => (
        <option key={role} value={role}>
          {word("role", role)}
        </option>
      ))}
    </SelectField>
  );
}

function roleIn(form: FormData): Role {
  return ROLES.find(({ role }) => role === form.get("role"))?.role ?? "viewer";
}

function RemoveDialog({ member, onClose }: { member: Member; onClose: () => void }) {
  const { email } = useMe();
  const remove = useChange(
    useMembersKey(),
    () => request("DELETE", "/members/{member}", { params: { member: member.id } }),
    () => {
      showToast(t("members.removed", { email: member.email }));
      onClose();
    },
  );
  return (
    <ConfirmDialog
      title={t("members.removeTitle")}
      about={
        member.email === email ? t("members.removeSelf") : t("members.removeAbout", { email: member.email })
      }
      action={t("members.removeAction")}
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  );
}
