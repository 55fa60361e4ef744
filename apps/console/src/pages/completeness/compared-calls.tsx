import type { ComparedCall } from "@call-ledger/contract/completeness";
import { Link } from "@tanstack/react-router";
import { chosenOrganization } from "../../api/chosen-organization.ts";
import { request } from "../../api/client.ts";
import { CopyButton } from "../../components/copy.tsx";
import { ListDialog } from "../../components/list-dialog.tsx";
import { lineCell, Table } from "../../components/page.tsx";
import { Time } from "../../components/time.tsx";
import { isDay, shortDay } from "../../format/dates.ts";
import { t, word } from "../../text/text.ts";
import styles from "./completeness.module.css";
import type { CompletenessSearch } from "./completeness-search.ts";

/** The calls behind one number of a day. A call that the ledger has is a link. */
export function ComparedCalls({
  account,
  day,
  part,
  reason,
  onClose,
}: Required<Pick<CompletenessSearch, "account" | "day" | "part">> &
  Pick<CompletenessSearch, "reason"> & { onClose: () => void }) {
  const title = word("comparedPart", part);
  return (
    <ListDialog
      title={`${isDay(day) ? shortDay(day) : day}: ${title}`}
      listKey={["compared calls", chosenOrganization(), account, day, part, reason]}
      ask={({ cursor, signal }) =>
        request("GET", "/completeness/calls", {
          query: { account, day, part, reason, cursor, limit: 50 },
          signal,
        })
      }
      onClose={onClose}
    >
      {(calls) =>
        calls.length === 0 ? (
          <p className={styles.none}>{t("completeness.noneLeft")}</p>
        ) : (
          <Table
            label={title}
            headings={[t("completeness.callId"), t("calls.time"), t("completeness.state")]}
          >
            {calls.map((call) => (
              <Row key={call.provider_call_id} call={call} />
            ))}
          </Table>
        )
      }
    </ListDialog>
  );
}

function Row({
  call: { provider_call_id: id, call_id: own, created_at: at, ...state },
}: {
  call: ComparedCall;
}) {
  return (
    <tr>
      <td>
        {own === null ? (
          <span className={styles.callId}>
            <code>{id}</code>
            <CopyButton text={id} label={t("call.copyId")} />
          </span>
        ) : (
          <Link to="/calls/$call" params={{ call: own }}>
            <code>{id}</code>
          </Link>
        )}
      </td>
      <td className={lineCell}>
        <Time at={at} form="precise" />
      </td>
      <td>{stateOf(state)}</td>
    </tr>
  );
}

/** What became of a call, in words that follow no number. */
function stateOf({ listed, missing, lacked }: Pick<ComparedCall, "listed" | "missing" | "lacked">): string {
  if (!listed) return word("comparedCall", "unlisted");
  if (missing !== null) return word("comparedCall", missing);
  return lacked === null ? word("comparedCall", "complete") : word("comparedCall", `lacked_${lacked}`);
}
