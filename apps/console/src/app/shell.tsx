import { useQueryClient } from "@tanstack/react-query";
import { Outlet, useRouterState } from "@tanstack/react-router";
import { History, Menu as MenuIcon, WifiOff, X } from "lucide-react";
import { Dialog } from "radix-ui";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { onStreamState, streamState } from "../api/call-stream.ts";
import { IconButton } from "../components/button.tsx";
import { focusTitle } from "../components/focus.ts";
import overlay from "../components/overlay.module.css";
import { showToast, Toasts } from "../components/toast.tsx";
import { useZone } from "../components/zone.ts";
import { clockTime } from "../format/dates.ts";
import { t } from "../text/text.ts";
import { useKeptFocus } from "./kept-focus.ts";
import { KeyboardHelp } from "./keyboard-help.tsx";
import { useMe } from "./session.tsx";
import styles from "./shell.module.css";
import { Sidebar } from "./sidebar.tsx";

/** The frame of every page of a signed-in user. */
export function Shell() {
  const main = useRef<HTMLElement>(null);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const [menuAt, setMenuAt] = useState<string | null>(null);
  const me = useMe();
  useFocusOnNewPage(main);
  useKeptFocus();
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#main">
        {t("nav.skip")}
      </a>
      <Sidebar />
      <header className={styles.topbar}>
        {/* The menu belongs to the page on which it was opened, so another page closes it. */}
        <Dialog.Root open={menuAt === path} onOpenChange={(open) => setMenuAt(open ? path : null)}>
          <Dialog.Trigger asChild>
            <IconButton label={t("nav.open")}>
              <MenuIcon size={18} aria-hidden />
            </IconButton>
          </Dialog.Trigger>
          <Dialog.Portal>
            <Dialog.Overlay className={overlay.scrim} />
            <Dialog.Content className={styles.drawer} aria-describedby={undefined}>
              <Dialog.Title className="visually-hidden">{t("nav.label")}</Dialog.Title>
              <Sidebar
                close={
                  <Dialog.Close asChild>
                    <IconButton label={t("nav.close")}>
                      <X size={16} aria-hidden />
                    </IconButton>
                  </Dialog.Close>
                }
              />
            </Dialog.Content>
          </Dialog.Portal>
        </Dialog.Root>
        <span className={styles.name}>{me.organization?.name ?? t("product")}</span>
      </header>
      <main id="main" ref={main} className={styles.main} tabIndex={-1}>
        <Outlet />
      </main>
      <ConnectionBanner />
      <KeyboardHelp />
      <Toasts />
    </div>
  );
}

/** Moves the focus to the title of a new page once it is there, for keyboard and screen reader. */
function useFocusOnNewPage(main: React.RefObject<HTMLElement | null>): void {
  const path = useRouterState({ select: ({ resolvedLocation }) => resolvedLocation?.pathname });
  const shown = useRef(path);
  useEffect(() => {
    const before = shown.current;
    shown.current = path;
    if (before === undefined || before === path) return;
    main.current?.scrollTo(0, 0);
    focusTitle();
  }, [main, path]);
}

const BANNER_AFTER_MS = 1_200;

/** Shows that the connection is lost or that values are old, if that lasts for a moment, and when it is back. */
function ConnectionBanner() {
  const state = useSyncExternalStore(onStreamState, streamState);
  const [shown, setShown] = useState(false);
  const oldest = useOldestValue();
  const zone = useZone();
  useEffect(() => {
    if (state === "lost") {
      const timer = setTimeout(() => setShown(true), BANNER_AFTER_MS);
      return () => clearTimeout(timer);
    }
    setShown((was) => {
      if (was) showToast(t("shell.reconnected"));
      return false;
    });
    return undefined;
  }, [state]);
  return (
    <div role="status">
      {shown && (
        <div className={styles.banner}>
          <WifiOff size={15} aria-hidden />
          {t("shell.offline")}
        </div>
      )}
      {!shown && oldest !== null && (
        <div className={styles.banner}>
          <History size={15} aria-hidden />
          {t("shell.oldValues", { time: clockTime(new Date(oldest), zone) })}
        </div>
      )}
    </div>
  );
}

/** Returns when the oldest value on the page that cannot be read again was read, in ms; `null`: there is none. */
function useOldestValue(): number | null {
  const cache = useQueryClient().getQueryCache();
  const oldest = (): number | null => {
    const failing = cache
      .getAll()
      .filter((query) => query.isActive() && query.state.data !== undefined)
      // One failure may pass at once.
      .filter(({ state }) => state.status === "error" || state.fetchFailureCount > 1);
    return failing.length === 0 ? null : Math.min(...failing.map(({ state }) => state.dataUpdatedAt));
  };
  return useSyncExternalStore((changed) => cache.subscribe(() => setTimeout(changed)), oldest);
}
