import type { Call } from "@call-ledger/contract/calls";
import { Link } from "@tanstack/react-router";
import { apiUrl } from "../../api/client.ts";
import { useMay } from "../../app/session.tsx";
import { JsonText } from "../../components/json-text.tsx";
import { Facts } from "../../components/page.tsx";
import { ProviderName } from "../../components/provider-name.tsx";
import { Time } from "../../components/time.tsx";
import { Values } from "../../components/values.tsx";
import { ZoneName } from "../../components/zone-name.tsx";
import { byteSize, count, exactDollars, milliseconds, phoneNumber } from "../../format/numbers.ts";
import { counted, t, word } from "../../text/text.ts";
import styles from "./call.module.css";
import { CallNotes } from "./notes.tsx";
import { COSTS, lineName, Part, PartLink, REPORT } from "./part.tsx";

/** All facts about a call, by part. Facts that the user may not see are absent. */
export function CallDetails({ call }: { call: Call }) {
  const mayWrite = useMay("calls:write");
  return (
    <div className={styles.details}>
      {(mayWrite || call.tags.length > 0 || call.note !== null) && (
        <CallNotes call={call} mayWrite={mayWrite} />
      )}
      <Part title={t("call.facts")}>
        <CallFacts call={call} />
      </Part>
      {call.latency !== undefined && call.latency.turns > 0 && (
        <Part title={t("call.latency")}>
          <Facts
            facts={[
              [
                t("call.latencyTurns"),
                <PartLink key="turns" tab="conversation">
                  {count(call.latency.turns)}
                </PartLink>,
              ],
              [t("call.latencyMedian"), <Latency key="median" call={call} ms={call.latency.median_ms} />],
              [t("call.latencyMax"), <Latency key="max" call={call} ms={call.latency.max_ms} />],
            ]}
          />
        </Part>
      )}
      {call.costs !== undefined && call.costs.parts.length > 0 && (
        <Part title={t("call.costs")} name={COSTS}>
          <CostParts call={call} />
        </Part>
      )}
      {call.recordings !== undefined && call.recordings.length > 0 && (
        <Part title={t("call.recordings")}>
          <Facts
            facts={call.recordings.map((one) => [
              word("channel", one.channel),
              <span key={one.id} className={styles.values}>
                <span>{word("recording", one.waits_for_host === null ? one.state : "waiting")}</span>
                {one.size_bytes !== null && (
                  <a
                    href={apiUrl("/calls/{call}/recording", { call: call.id }, { channel: one.channel })}
                    download
                    title={t("call.download")}
                  >
                    {byteSize(one.size_bytes)}
                  </a>
                )}
                {one.stored_at !== null && <Time at={one.stored_at} />}
              </span>,
            ])}
          />
        </Part>
      )}
      <Document title={t("call.analysis")} value={call.analysis} open />
      {(call.prompts ?? []).map(({ hash, text }) => (
        <Document key={hash} title={t("call.prompt")} value={text} />
      ))}
      <Document title={t("call.metadata")} value={call.metadata} />
      <Document title={t("call.more")} value={call.details} />
    </div>
  );
}

/** A latency, which leads to the answer that took so long, or to one that took nearly so long. */
function Latency({ call: { conversation = [] }, ms }: { call: Call; ms: number | null }) {
  if (ms === null) return "–";
  const distances = conversation.map((item) =>
    item.kind === "speech" && item.latency_ms !== null ? Math.abs(item.latency_ms - ms) : Infinity,
  );
  const nearest = distances.indexOf(Math.min(...distances));
  return (
    <PartLink tab="conversation" show={lineName(nearest)}>
      {milliseconds(ms)}
    </PartLink>
  );
}

function CallFacts({ call }: { call: Call }) {
  const at = (moment: string | null) => moment && <Time at={moment} form="precise" />;
  return (
    <Facts
      facts={[
        [t("calls.phaseFilter"), call.phase && word("phase", call.phase)],
        [t("calls.directionFilter"), word("direction", call.direction)],
        [t("call.reasonGiven"), call.ended_reason && <code>{call.ended_reason}</code>],
        [
          t("call.customer"),
          call.customer_number && <CallsOf key="customer" number={call.customer_number} />,
        ],
        [t("call.ourNumber"), call.our_number && phoneNumber(call.our_number)],
        [
          t("call.forwardedToFact"),
          call.forwarded_to && (
            <span key="forwarded" className={styles.values}>
              {call.forwarded_to_name != null && <span dir="auto">{call.forwarded_to_name}</span>}
              <CallsOf number={call.forwarded_to} />
            </span>
          ),
        ],
        [
          t("call.callerTurns"),
          call.caller_turns !== null && (
            <PartLink key="turns" tab="conversation">
              {counted("call.times", call.caller_turns)}
            </PartLink>
          ),
        ],
        [t("call.ringing"), at(call.ringing_at)],
        [t("call.answered"), at(call.answered_at)],
        [t("call.ended"), at(call.ended_at)],
        [t("call.zone"), <ZoneName key="zone" zone={call.time_zone} />],
        [t("call.provider"), <ProviderName key="provider" provider={call.provider} />],
        [t("call.providerCall"), <code key="id">{call.provider_call_id}</code>],
        [t("call.carrierCall"), call.carrier_call_id && <code>{call.carrier_call_id}</code>],
        [t("call.reference"), call.external_ref && <Reference call={call} />],
      ]}
    />
  );
}

/** A telephone number. It links to its calls; another address, such as one of SIP, is only shown. */
function CallsOf({ number }: { number: string }) {
  const text = phoneNumber(number);
  if (!/^\+\d{3,}$/.test(number)) return text;
  return (
    <Link to="/calls" search={{ search: number }}>
      {text}
    </Link>
  );
}

function Reference({ call }: { call: Call }) {
  if (call.external_url === null) return call.external_ref;
  return (
    <a href={call.external_url} target="_blank" rel="noreferrer noopener">
      {call.external_ref}
    </a>
  );
}

/** Each number leads to the provider's report, which has it in its own words, if the user may read deliveries. */
function CostParts({ call }: { call: Call }) {
  const mayRead = useMay("payloads:read");
  const inReport = (text: string) =>
    mayRead ? (
      <PartLink tab="timeline" show={REPORT}>
        {text}
      </PartLink>
    ) : (
      text
    );
  return (
    <table className={styles.costs}>
      <tbody>
        {call.costs?.parts.map(({ name, usd, quantity, unit }) => (
          <tr key={name}>
            <th scope="row">{word("cost", name)}</th>
            <td className={styles.quantity}>
              {quantity !== null && inReport(`${count(quantity)} ${unit ?? ""}`)}
            </td>
            <td>{inReport(exactDollars(usd))}</td>
          </tr>
        ))}
      </tbody>
      {call.cost_usd && (
        <tfoot>
          <tr>
            <th scope="row">{t("call.costTotal")}</th>
            <td />
            <td>{inReport(exactDollars(call.cost_usd))}</td>
          </tr>
        </tfoot>
      )}
    </table>
  );
}

/** A document in the provider's words. An empty one is not shown. */
function Document({ title, value, open = false }: { title: string; value: unknown; open?: boolean }) {
  if (value === undefined || value === null || value === "") return null;
  if (typeof value === "object" && Object.keys(value).length === 0) return null;
  return (
    <details className={styles.document} open={open}>
      <summary>{title}</summary>
      {typeof value === "object" ? <Values value={value} /> : <JsonText value={value} />}
    </details>
  );
}
