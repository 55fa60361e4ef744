import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { BookOpen, ChevronsUpDown, CircleUser, Keyboard, LogOut, MonitorSmartphone } from "lucide-react";
import { request } from "../api/client.ts";
import { Menu, MenuCheck, MenuHeading, MenuItem, MenuRule } from "../components/menu.tsx";
import type { TextKey } from "../text/text.ts";
import { t, word } from "../text/text.ts";
import { openKeyboardHelp } from "./keyboard-help.tsx";
import { useMe } from "./session.tsx";
import styles from "./shell.module.css";
import type { Theme } from "./theme.ts";
import { setTheme, THEMES, useTheme } from "./theme.ts";

const THEME_TEXTS: Readonly<Record<Theme, TextKey>> = {
  system: "shell.themeSystem",
  light: "shell.themeLight",
  dark: "shell.themeDark",
};

/** The menu with the signed-in user, the appearance and Sign out. */
export function AccountMenu() {
  const me = useMe();
  const theme = useTheme();
  const navigate = useNavigate();
  const signOut = useMutation({
    mutationFn: () => request("POST", "/sign-out"),
    onSuccess: () => location.assign("/sign-in"),
  });
  const name = me.name ?? me.email ?? t("shell.operator");
  const role = me.is_operator ? t("shell.operator") : me.role && word("role", me.role);
  return (
    <Menu
      trigger={
        <button type="button" className={styles.who}>
          <CircleUser size={20} className={styles.chevron} aria-hidden />
          <span className="visually-hidden">{t("shell.account")}</span>
          <span className={styles.whoText}>
            <span className={styles.name}>{name}</span>
            <span className={styles.zone}>{role}</span>
          </span>
          <ChevronsUpDown size={14} className={styles.chevron} aria-hidden />
        </button>
      }
    >
      <MenuHeading>{t("shell.theme")}</MenuHeading>
      {THEMES.map((one) => (
        <MenuCheck key={one} checked={one === theme} stays onSelect={() => setTheme(one)}>
          {t(THEME_TEXTS[one])}
        </MenuCheck>
      ))}
      <MenuRule />
      <MenuItem icon={<Keyboard size={15} aria-hidden />} onSelect={openKeyboardHelp}>
        {t("shell.keyboard")}
      </MenuItem>
      <MenuItem
        icon={<BookOpen size={15} aria-hidden />}
        onSelect={() => window.open("/docs", "_blank", "noopener")}
      >
        {t("shell.apiReference")}
      </MenuItem>
      <MenuItem
        icon={<MonitorSmartphone size={15} aria-hidden />}
        onSelect={() => void navigate({ to: "/sessions" })}
      >
        {t("nav.account")}
      </MenuItem>
      <MenuRule />
      <MenuItem icon={<LogOut size={15} aria-hidden />} onSelect={() => signOut.mutate()}>
        {t("shell.signOut")}
      </MenuItem>
    </Menu>
  );
}
