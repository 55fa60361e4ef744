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
import { startOf } from "./simulated-time.ts";
import { SECRET_ABOUT, webhookAccountIn } from "./webhook-credential.ts";

const MAX_REPETITIONS = 100;

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
    about: "send every delivery N times, as a provider that retries",
    parse: wholeNumber(1, MAX_REPETITIONS),
  },
  shuffle: { about: "in any order" },
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
  phone: { value: "NUMBER", about: "our own number; default a made-up one" },
  "phone-number-id": { value: "ID", about: "the provider's id of our number; default made up" },
} as const;

export const simulateCommand = command({
  about:
    "Plays a provider: makes up a whole call (queued, ringing, a conversation with tool calls, its end and the report) " +
    "and sends every delivery of it, signed, to a running server, one after another. The assistant has to be an " +
    "agent's (agent add), else the server keeps the call in quarantine. Exit code 1 when the server does not accept one.",
  options: OPTIONS,
  examples: [
    "simulate --url http://localhost:3001 --secret S --assistant ID",
    "simulate --url http://localhost:3001 --secret S --assistant ID --repeat 3 --shuffle --json",
  ],

  async run(input, surroundings) {
    const { env, now, progress, program } = surroundings;
    const url = webhookUrl(input.url);
    const account = webhookAccountIn(input.secret, env);
    const { seed = now(), repeat = 1, shuffle } = input;
    const call = callIn(input, seed, now());
    const deliveries = arrange(call.deliveries, { seed, shuffle, repeat });

    progress(
      `${call.direction === "web" ? "A web" : `An ${call.direction}`} call, ${call.outcome}: ${call.callId} (seed ${seed})`,
    );
    const sent: Sent[] = [];
    for (const delivery of deliveries) {
      const answer = await sendDelivery(url, delivery, { account, now: now() });
      const { type, status, outcome } = answer;
      progress(
        `${status}  ${(outcome ?? "-").padEnd(11)}  ${[type, delivery.detail ?? ""].join(" ").trimEnd()}`,
      );
      sent.push(answer);
    }
    return {
      document: {
        call_id: call.callId,
        seed,
        deliveries: sent.map(({ type, status, outcome }) => ({ type, status, outcome })),
      },
      text: conclusion(call, sent, program),
      exitCode: sent.every(isAccepted) ? 0 : 1,
    };
  },
});

function callIn(input: Input<typeof OPTIONS>, seed: number, now: number): SimulatedCall {
  const { outcome = "completed" } = input;
  const direction = input.direction ?? (isPossible("inbound", outcome) ? "inbound" : "outbound");
  if (!isPossible(direction, outcome)) throw usage(`No ${direction} call ends as ${outcome}.`);
  return simulateCall({
    seed,
    startedAt: startOf(seed),
    assistantId: input.assistant,
    dialect: input.flat ? "flat" : "vapi",
    direction,
    outcome,
    turns: randomFrom("turns", seed).int(6, 18),
    ourNumber: input.phone,
    phoneNumberId: input.phoneNumberId,
    presignedAt: now,
  });
}

function isAccepted({ status }: Sent): boolean {
  return status >= 200 && status < 300;
}

function conclusion({ callId }: SimulatedCall, sent: readonly Sent[], program: string): string[] {
  const refused = sent.filter((one) => !isAccepted(one));
  const counts = new Map<string, number>();
  for (const one of sent) {
    const word = isAccepted(one) ? (one.outcome ?? "accepted") : `refused with ${one.status}`;
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const summary = [...counts].map(([word, count]) => `${count} ${word}`).join(", ");
  const hints = [
    ...refused
      .filter(({ status }) => status === 401)
      .slice(0, 1)
      .map((one) => `401: ${adviceOnRefusal(one)}`),
    ...(counts.has("quarantined")
      ? [
          `Quarantined: no agent has this assistant yet, or the call is another organization's: ${program} agent add --help`,
        ]
      : []),
  ];
  const query = `select phase, outcome, direction, duration_seconds, cost_usd from calls where provider_call_id = '${callId}'`;
  return [
    `${sent.length} deliveries: ${summary}.`,
    ...hints,
    "What the ledger says of it:",
    `  psql "$(${program} db url)" -c "${query}"`,
  ];
}
