import type { LucideIcon } from "lucide-react";
import {
  Activity,
  Bell,
  BellRing,
  Bot,
  Building2,
  Cable,
  Gauge,
  Inbox,
  KeyRound,
  LayoutDashboard,
  ListChecks,
  Phone,
  ScrollText,
  Settings,
  Users,
} from "lucide-react";
import type { TextKey } from "../text/text.ts";
import { t } from "../text/text.ts";
import type { Need } from "./session.tsx";

/** The right that each page needs. Without it the router refuses the page, and the navigation leaves it out. */
export const PAGES = {
  "/overview": "calls:read",
  "/calls": "calls:read",
  "/alarms": "calls:read",
  "/completeness": "calls:read",
  "/agents": "agents:read",
  "/members": "members:write",
  "/keys": "keys:write",
  "/organization": "calls:read",
  "/audit": "members:write",
  "/sessions": null,
  "/operator/alarms": "operator",
  "/operator/deliveries": "operator",
  "/operator/quarantine": "operator",
  "/operator/accounts": "operator",
  "/operator/health": "operator",
  "/operator/organizations": "operator",
} as const satisfies Record<string, Need>;

export type PagePath = keyof typeof PAGES;

type NavigationEntry = {
  readonly to: PagePath;
  readonly text: TextKey;
  readonly icon: LucideIcon;
};

type Group = { readonly heading: TextKey | null; readonly entries: readonly NavigationEntry[] };

/** The navigation in groups. All groups but the first have a heading. */
export const NAVIGATION: readonly Group[] = [
  {
    heading: null,
    entries: [
      { to: "/overview", text: "nav.overview", icon: LayoutDashboard },
      { to: "/calls", text: "nav.calls", icon: Phone },
      { to: "/alarms", text: "nav.alarms", icon: Bell },
      { to: "/completeness", text: "nav.completeness", icon: ListChecks },
    ],
  },
  {
    heading: "nav.organization",
    entries: [
      { to: "/agents", text: "nav.agents", icon: Bot },
      { to: "/members", text: "nav.members", icon: Users },
      { to: "/keys", text: "nav.keys", icon: KeyRound },
      { to: "/organization", text: "nav.settings", icon: Settings },
      { to: "/audit", text: "nav.audit", icon: ScrollText },
    ],
  },
  {
    heading: "nav.operator",
    entries: [
      { to: "/operator/alarms", text: "nav.allAlarms", icon: BellRing },
      { to: "/operator/deliveries", text: "nav.deliveries", icon: Activity },
      { to: "/operator/quarantine", text: "nav.quarantine", icon: Inbox },
      { to: "/operator/accounts", text: "nav.accounts", icon: Cable },
      { to: "/operator/health", text: "nav.health", icon: Gauge },
      { to: "/operator/organizations", text: "nav.organizations", icon: Building2 },
    ],
  },
];

/** The name of a page as the navigation has it. */
export function pageName(to: PagePath): string {
  const entry = NAVIGATION.flatMap(({ entries }) => entries).find((one) => one.to === to);
  return entry === undefined ? to : t(entry.text);
}
