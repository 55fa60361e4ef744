import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronsUpDown } from "lucide-react";
import { chosenOrganization, showOrganization } from "../api/chosen-organization.ts";
import { request } from "../api/client.ts";
import { Menu, MenuCheck, MenuHeading } from "../components/menu.tsx";
import { zoneCity } from "../format/dates.ts";
import { t } from "../text/text.ts";
import icon from "./icon.svg";
import { useMe } from "./session.tsx";
import styles from "./shell.module.css";

/** The organization whose calls are shown. Only the operator can choose another one. */
export function OrganizationSwitch() {
  const me = useMe();
  const text = (
    <>
      <img className={styles.mark} src={icon} alt="" />
      <span className={styles.whoText}>
        <span className={styles.name} title={me.organization?.name}>
          {me.organization?.name ?? t("shell.noOrganization")}
        </span>
        <span className={styles.zone} title={me.organization?.time_zone}>
          {me.organization === null
            ? t("shell.operator")
            : t("shell.zone", { zone: zoneCity(me.organization.time_zone) })}
        </span>
      </span>
    </>
  );
  if (!me.is_operator) return <div className={styles.who}>{text}</div>;
  return <OperatorsSwitch>{text}</OperatorsSwitch>;
}

function OperatorsSwitch({ children }: { children: React.ReactNode }) {
  const queries = useQueryClient();
  const organizations = useQuery({
    queryKey: ["organizations"],
    queryFn: ({ signal }) => request("GET", "/organizations", { signal }),
    staleTime: 60_000,
  });
  const list = organizations.data?.data ?? [];
  const choose = (id: string): void => {
    queries.clear();
    showOrganization(id);
  };
  return (
    <Menu
      trigger={
        <button type="button" className={styles.who}>
          {children}
          <ChevronsUpDown size={14} className={styles.chevron} aria-hidden />
        </button>
      }
    >
      <MenuHeading>{t("shell.chooseOrganization")}</MenuHeading>
      {list.map(({ id, name }) => (
        <MenuCheck key={id} checked={id === chosenOrganization()} onSelect={() => choose(id)}>
          {name}
        </MenuCheck>
      ))}
    </Menu>
  );
}
