import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { t } from "../text/text.ts";
import { AccountMenu } from "./account-menu.tsx";
import { NAVIGATION, PAGES } from "./navigation.ts";
import { OrganizationSwitch } from "./organization-switch.tsx";
import { mayOpen, useMe } from "./session.tsx";
import styles from "./shell.module.css";

/** The organization, the pages that the user may open, and the account. Only the drawer has `close`. */
export function Sidebar({ close }: { close?: ReactNode }) {
  const me = useMe();
  return (
    <section className={styles.sidebar} aria-label={t("nav.side")}>
      <div style={{ display: "flex", alignItems: "center" }}>
        <OrganizationSwitch />
        {close}
      </div>
      <nav aria-label={t("nav.label")}>
        {NAVIGATION.map(({ heading, entries }) => {
          const open = entries.filter(({ to }) => mayOpen(me, PAGES[to]));
          if (open.length === 0) return null;
          return (
            <div key={heading} className={styles.group}>
              {heading !== null && <h2>{t(heading)}</h2>}
              {open.map(({ to, text, icon: Icon }) => (
                <Link key={to} to={to} className={styles.link ?? ""}>
                  <Icon size={16} aria-hidden />
                  {t(text)}
                </Link>
              ))}
            </div>
          );
        })}
      </nav>
      <div className={styles.foot}>
        <AccountMenu />
      </div>
    </section>
  );
}
