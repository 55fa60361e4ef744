import { sharedValue, useSharedValue } from "../shared-value.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const KEY = "theme";
const stored = localStorage.getItem(KEY);
const chosen = sharedValue<Theme>(THEMES.find((theme) => theme === stored) ?? "system");

/** Applies an appearance, by default the chosen one, to the page; `system` leaves it to the browser. */
export function applyTheme(theme = chosen.get()): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function setTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme);
  // Before the components are rendered, because some of them read colors of the page.
  applyTheme(theme);
  chosen.set(theme);
}

export function useTheme(): Theme {
  return useSharedValue(chosen);
}
