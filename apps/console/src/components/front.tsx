import type { ReactNode } from "react";
import icon from "../app/icon.svg";
import { t } from "../text/text.ts";
import styles from "./front.module.css";

/** The frame of a page for those who are not signed in: the product's mark above what the page says. */
export function Front({ children }: { children: ReactNode }) {
  return (
    <main className={styles.front}>
      <p className={styles.mark}>
        <img src={icon} alt="" width={28} height={28} />
        {t("product")}
      </p>
      {children}
    </main>
  );
}
