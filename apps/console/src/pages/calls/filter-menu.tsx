import { ChevronDown, X } from "lucide-react";
import { classes } from "../../components/classes.ts";
import { leaveFocus } from "../../components/focus.ts";
import { Menu } from "../../components/menu.tsx";
import { t } from "../../text/text.ts";
import styles from "./filters.module.css";

/** A filter as a button that opens its choices. If it is set, it shows its value and can be cleared. */
export function FilterMenu({
  title,
  value,
  onClear,
  children,
}: {
  title: string;
  value: string;
  onClear: () => void;
  children: React.ReactNode;
}) {
  const isSet = value !== "";
  return (
    <span className={classes(styles.chip, isSet && styles.set)}>
      <Menu
        trigger={
          <button type="button" className={styles.open}>
            {title}
            {isSet ? <b>{value}</b> : <ChevronDown size={13} aria-hidden />}
          </button>
        }
      >
        {children}
      </Menu>
      {isSet && <ClearFilter title={title} onClear={onClear} />}
    </span>
  );
}

export function ClearFilter({ title, onClear }: { title: string; onClear: () => void }) {
  const label = t("calls.removeFilter", { name: title });
  return (
    <button
      ref={leaveFocus}
      type="button"
      className={styles.clear}
      aria-label={label}
      title={label}
      onClick={onClear}
    >
      <X size={13} aria-hidden />
    </button>
  );
}
