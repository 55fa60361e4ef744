import type { LucideIcon } from "lucide-react";
import { LayoutDashboard, Phone } from "lucide-react";
import type { TextKey } from "../text/text.ts";
import type { Need } from "./session.tsx";

/** What each page needs; the router refuses it to everybody else, and the navigation leaves it out. */
export const PAGES = {
  "/overview": "calls:read",
  "/calls": "calls:read",
  "/sessions": null,
} as const satisfies Record<string, Need>;

export type PagePath = keyof typeof PAGES;

type NavigationEntry = {
  readonly to: PagePath;
  readonly text: TextKey;
  readonly icon: LucideIcon;
};

type Group = { readonly heading: TextKey | null; readonly entries: readonly NavigationEntry[] };

/** The navigation, in groups; all but the first have a heading. */
export const NAVIGATION: readonly Group[] = [
  {
    heading: null,
    entries: [
      { to: "/overview", text: "nav.overview", icon: LayoutDashboard },
      { to: "/calls", text: "nav.calls", icon: Phone },
    ],
  },
];
