import type { AuditEntry } from "@call-ledger/contract/people";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ChevronRight, ScrollText } from "lucide-react";
import { chosenOrganization } from "../../api/chosen-organization.ts";
import { request } from "../../api/client.ts";
import type { PagePath } from "../../app/navigation.ts";
import { PAGES } from "../../app/navigation.ts";
import { mayOpen, useMe } from "../../app/session.tsx";
import { Button } from "../../components/button.tsx";
import { Loaded } from "../../components/loaded.tsx";
import { Card, Page } from "../../components/page.tsx";
import { State } from "../../components/state.tsx";
import { Time } from "../../components/time.tsx";
import { t, word } from "../../text/text.ts";
import styles from "./audit.module.css";
import { changedFields } from "./changed-fields.ts";
import { actorWords, isInstant, objectName } from "./entry-words.ts";

/** The changes of the organization and its objects, with their authors and the values before and after. */
export function AuditPage() {
  const audit = useInfiniteQuery({
    queryKey: ["audit", chosenOrganization()],
    queryFn: ({ pageParam, signal }) =>
      request("GET", "/audit", { query: { cursor: pageParam, limit: 50 }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });
  return (
    <Page title={t("audit.title")} about={t("audit.about")}>
      <Card flush>
        <Loaded query={audit} rows={6}>
          {({ pages }) => {
            const entries = pages.flatMap(({ data }) => data);
            return entries.length === 0 ? (
              <State icon={<ScrollText size={18} aria-hidden />} title={t("audit.emptyTitle")}>
                <p>{t("audit.empty")}</p>
              </State>
            ) : (
              <ol aria-label={t("audit.title")} className={styles.entries}>
                {entries.map((entry) => (
                  <Entry key={entry.id} entry={entry} />
                ))}
              </ol>
            );
          }}
        </Loaded>
        {audit.hasNextPage && (
          <div className={styles.more}>
            <Button busy={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()}>
              {t("common.more")}
            </Button>
          </div>
        )}
      </Card>
    </Page>
  );
}

function Entry({ entry }: { entry: AuditEntry }) {
  const { at, actor, action, object, before, after } = entry;
  const fields = changedFields(before, after);
  const name = objectName(entry);
  return (
    <li>
      <details>
        <summary>
          <ChevronRight size={14} className={styles.chevron} aria-hidden />
          <span className={styles.at}>
            <Time at={at} form="precise" />
          </span>
          <b className={styles.who}>{actorWords(actor)}</b>
          <span className={styles.what}>
            {word("action", action)}
            {name !== null && `: ${name}`}
          </span>
        </summary>
        <div className={styles.detail}>
          <p className={styles.faint}>
            {word("actor", actor.kind)} · <code>{action}</code> · <ObjectLink object={object} />
          </p>
          {fields.length === 0 ? (
            <p className={styles.faint}>{t("audit.noValues")}</p>
          ) : (
            <table className={styles.fields}>
              <thead>
                <tr>
                  <th scope="col">{t("audit.field")}</th>
                  <th scope="col">{t("audit.before")}</th>
                  <th scope="col">{t("audit.after")}</th>
                </tr>
              </thead>
              <tbody>
                {fields.map((field) => (
                  <tr key={field.name} className={field.isChanged ? styles.changed : undefined}>
                    <th scope="row">{field.name.replaceAll("_", " ")}</th>
                    <td>
                      <Value text={field.before} />
                    </td>
                    <td>
                      <Value text={field.after} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </div>
      </details>
    </li>
  );
}

/** The pages that show objects of a kind. A call has a page of its own. */
const PAGE_OF_KIND: Readonly<Record<string, PagePath>> = {
  member: "/members",
  key: "/keys",
  agent: "/agents",
  account: "/operator/accounts",
  alarm: "/alarms",
  alert_channel: "/alarms",
  organization: "/organization",
};

/** The kind and id of the changed object, with a link to the page that shows it. */
function ObjectLink({ object: { kind, id } }: { object: AuditEntry["object"] }) {
  const me = useMe();
  const page = PAGE_OF_KIND[kind];
  const text = (
    <>
      {kind.replaceAll("_", " ")} {id !== null && <code>{id}</code>}
    </>
  );
  if (kind === "call" && id !== null) {
    return (
      <Link to="/calls/$call" params={{ call: id }}>
        {text}
      </Link>
    );
  }
  return page !== undefined && mayOpen(me, PAGES[page]) ? <Link to={page}>{text}</Link> : text;
}

function Value({ text }: { text: string | null }) {
  if (text === null) return "–";
  return isInstant(text) ? <Time at={text} form="precise" /> : text;
}
