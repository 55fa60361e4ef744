import type { SimulatedCall } from "@call-ledger/simulator";
import {
  arrange,
  isPossible,
  randomFrom,
  SIMULATED_DIRECTIONS,
  SIMULATED_OUTCOMES,
  simulateCall,
} from "@call-ledger/simulator";
import type { Input } from "../cli/command.ts";
import { command, usage } from "../cli/command.ts";
import { webAddress, wholeNumber } from "../cli/values.ts";
import type { Sent } from "./send-delivery.ts";
import { adviceOnRefusal, sendDelivery, webhookUrl } from "./send-delivery.ts";
import { timesOf } from "./simulated-time.ts";
import { SECRET_ABOUT, webhookAccountIn } from "./webhook-credential.ts";

const MAX_REPETITIONS = 100;
const MAX_CALLS = 100_000;

const OPTIONS = {
  url: {
    value: "URL",
    about: "the server, such as http://localhost:3001",
    required: true,
    parse: webAddress,
  },
  secret: { value: "S", about: SECRET_ABOUT },
  assistant: { value: "ID", about: "the provider's id of the assistant", required: true },
  flat: { about: "in the older form without an envelope (call.started, call.ended)" },
  repeat: {
    value: "N",
    about: "send every delivery N times, like a provider that retries",
    parse: wholeNumber(1, MAX_REPETITIONS),
  },
  shuffle: { about: "send the deliveries in random order" },
  calls: {
    value: "N",
    about: "send N calls one after another, each with the next seed; prints a line for each call",
    parse: wholeNumber(1, MAX_CALLS),
  },
  seed: {
    value: "N",
    about: "the same seed makes the same call again; default: the time",
    parse: wholeNumber(0, Number.MAX_SAFE_INTEGER),
  },
  outcome: {
    value: "WORD",
    about: `${SIMULATED_OUTCOMES.join(", ")}; default completed`,
    words: SIMULATED_OUTCOMES,
  },
  direction: {
    value: "WORD",
    about: `${SIMULATED_DIRECTIONS.join(", ")}; default inbound, if possible`,
    words: SIMULATED_DIRECTIONS,
  },
  phone: { value: "NUMBER", about: "our own number; default: an invented one" },
  "phone-number-id": { value: "ID", about: "the provider's id of our number; default: an invented one" },
  recordings: {
    value: "HOST:PORT",
    about: "the host of the recordings, which npm start prints; default: recordings cannot be fetched",
  },
} as const;

export const simulateCommand = command({
  about:
    "Sends as a provider does: invents a whole call (queued, ringing, a conversation with tool calls, its end and the " +
    "report), and sends all its signed deliveries to a running server, one after another. The assistant has to belong to an " +
    "agent (agent add), else the server puts the call in quarantine. Exit code 1 if the server refuses a delivery.",
  options: OPTIONS,
  examples: [
    "simulate --url http://localhost:3001 --secret S --assistant ID",
    "simulate --url http://localhost:3001 --secret S --assistant ID --repeat 3 --shuffle --json",
    "simulate --url http://localhost:3001 --secret S --assistant ID --calls 200",
  ],

  async run(input, surroundings) {
    const { env, now, progress, program } = surroundings;
    const url = webhookUrl(input.url);
    const account = webhookAccountIn(input.secret, env);
    const { seed: firstSeed = now(), calls, shuffle, repeat = 1 } = input;
    const sending = async (seed: number, print: (line: string) => void): Promise<SentCall> => {
      const call = callIn(input, seed, now());
      print(
        `${call.direction === "web" ? "A web" : `An ${call.direction}`} call, ${call.outcome}: ${call.callId} (seed ${seed})`,
      );
      const sent: Sent[] = [];
      for (const delivery of arrange(call.deliveries, { seed, shuffle, repeat })) {
        const answer = await sendDelivery(url, delivery, { account, now: now() });
        const { type, status, outcome } = answer;
        print(
          `${status}  ${(outcome ?? "-").padEnd(11)}  ${[type, delivery.detail ?? ""].join(" ").trimEnd()}`,
        );
        sent.push(answer);
      }
      return { callId: call.callId, seed, sent };
    };
    if (calls === undefined) {
      const call = await sending(firstSeed, progress);
      return {
        document: documentOf(call),
        text: [...conclusion(call.sent, program), ...whereInConsole(call, url.origin)],
        exitCode: call.sent.every(isAccepted) ? 0 : 1,
      };
    }
    const all: SentCall[] = [];
    for (let seed = firstSeed; seed < firstSeed + calls; seed += 1) {
      const call = await sending(seed, () => undefined);
      progress(`${call.callId} (seed ${seed}): ${countsOf(call.sent)}`);
      all.push(call);
    }
    const sent = all.flatMap((call) => call.sent);
    return {
      document: { calls: all.map(documentOf) },
      text: [`${all.length} calls.`, ...conclusion(sent, program)],
      exitCode: sent.every(isAccepted) ? 0 : 1,
    };
  },
});

type SentCall = { readonly callId: string; readonly seed: number; readonly sent: readonly Sent[] };

function documentOf({ callId, seed, sent }: SentCall) {
  return {
    call_id: callId,
    seed,
    deliveries: sent.map(({ type, status, outcome }) => ({ type, status, outcome })),
  };
}

function callIn(input: Input<typeof OPTIONS>, seed: number, now: number): SimulatedCall {
  const { outcome = "completed" } = input;
  const direction = input.direction ?? (isPossible("inbound", outcome) ? "inbound" : "outbound");
  if (!isPossible(direction, outcome)) throw usage(`No ${direction} call ends as ${outcome}.`);
  return simulateCall({
    seed,
    ...timesOf(seed),
    assistantId: input.assistant,
    flat: input.flat,
    direction,
    outcome,
    turns: randomFrom("turns", seed).int(6, 18),
    ourNumber: input.phone,
    phoneNumberId: input.phoneNumberId,
    presignedAt: now,
    recordingHost: input.recordings,
  });
}

function isAccepted({ status }: Sent): boolean {
  return status >= 200 && status < 300;
}

/**
 * Returns the place of the call in the console; none if no delivery was accepted. An answered question has no call
 * there.
 */
function whereInConsole({ callId, sent }: SentCall, origin: string): string[] {
  const accepted = sent.filter(isAccepted);
  if (accepted.length === 0) return [];
  return accepted.some(({ outcome }) => outcome === "quarantined")
    ? [`The deliveries in the console: ${origin}/operator/quarantine`]
    : [`The call in the console: ${origin}/calls/${callId}`];
}

function countsOf(sent: readonly Sent[]): string {
  const counts = new Map<string, number>();
  for (const one of sent) {
    const word = isAccepted(one) ? (one.outcome ?? "accepted") : `refused with ${one.status}`;
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return `${sent.length} deliveries: ${[...counts].map(([word, count]) => `${count} ${word}`).join(", ")}.`;
}

function conclusion(sent: readonly Sent[], program: string): string[] {
  const refused = sent.filter((one) => !isAccepted(one));
  return [
    countsOf(sent),
    ...refused
      .filter(({ status }) => status === 401)
      .slice(0, 1)
      .map((one) => `401: ${adviceOnRefusal(one)}`),
    ...(sent.some((one) => isAccepted(one) && one.outcome === "quarantined")
      ? [
          `Quarantined, because no agent has this assistant yet, or the call belongs to another organization: ${program} agent add --help`,
        ]
      : []),
  ];
}
