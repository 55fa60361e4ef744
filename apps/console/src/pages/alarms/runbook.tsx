import type { AlarmAnswer } from "@call-ledger/contract/alerts";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import Markdown from "markdown-to-jsx/react";
import { useState } from "react";
import { pageName } from "../../app/navigation.ts";
import { Button } from "../../components/button.tsx";
import { Copyable } from "../../components/copy.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Loaded } from "../../components/loaded.tsx";
import { t, word } from "../../text/text.ts";
import styles from "./alarms.module.css";
import { usePlaceOf } from "./open-alarm.tsx";
import { runbookText } from "./runbook-text.ts";

/** The runbooks of this release, each in its own file, which is loaded when somebody reads it. */
const RUNBOOKS = import.meta.glob<string>("../../../../../docs/runbooks/*.md", {
  query: "?raw",
  import: "default",
});

const nameIn = (path: string): string => path.split("/").at(-1)?.replace(/\.md$/, "") ?? "";
const LOADERS = new Map(Object.entries(RUNBOOKS).map(([path, load]) => [nameIn(path), load]));

/** The runbook of an alarm. Links open other runbooks in the same window. */
export function RunbookDialog({ alarm, onClose }: { alarm: AlarmAnswer; onClose: () => void }) {
  const [name, setName] = useState(nameIn(alarm.runbook));
  const runbook = useQuery({
    queryKey: ["runbook", name],
    queryFn: async () => runbookText((await LOADERS.get(name)?.()) ?? t("alarms.noRunbook", { name })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Dialog title={word("alarm", alarm.condition)} about={alarm.summary} wide onClose={onClose}>
      <PageOfAlarm alarm={alarm} />
      <Loaded query={runbook} rows={3}>
        {(text) => (
          <div className={styles.runbook}>
            <Markdown options={options(setName)}>{text}</Markdown>
          </div>
        )}
      </Loaded>
    </Dialog>
  );
}

/** The page of the console that shows what the alarm is about comes first, because it needs no terminal. */
function PageOfAlarm({ alarm }: { alarm: AlarmAnswer }) {
  const place = usePlaceOf(alarm);
  if (place === undefined) return null;
  return (
    <p className={styles.place}>
      {t("alarms.inConsole")} <Link {...place}>{pageName(place.to)}</Link>
    </p>
  );
}

type LinkProps = { href?: string; children?: React.ReactNode };
type CodeBlockProps = { children?: React.ReactElement<{ children?: string }> };

function options(open: (name: string) => void) {
  return {
    disableParsingRawHTML: true,
    overrides: {
      a: ({ href = "", children }: LinkProps) => <RunbookLink href={href} open={open} text={children} />,
      pre: ({ children }: CodeBlockProps) => <Copyable text={children?.props.children?.trim() ?? ""} />,
    },
  };
}

/** A link to another runbook. A link to a document that the console does not have is shown as its text. */
function RunbookLink({
  href,
  open,
  text,
}: {
  href: string;
  open: (name: string) => void;
  text: React.ReactNode;
}) {
  const name = nameIn(href);
  if (!LOADERS.has(name)) return <em>{text}</em>;
  return (
    <Button look="quiet" className={styles.inline} onClick={() => open(name)}>
      {text}
    </Button>
  );
}
