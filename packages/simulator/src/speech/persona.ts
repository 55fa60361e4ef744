import { randomFrom } from "../random.ts";
import { phrase, rules } from "./phrases.ts";

/** The agent and its business: the same for every call of one assistant. */
export type Persona = {
  readonly agentName: string;
  readonly company: string;
  readonly greeting: string;
  /** The system prompt of the language model. */
  readonly instructions: string;
  readonly voiceId: string;
  /** The names of the functions that the agent may call. */
  readonly tools: readonly string[];
  readonly ourNumber: string;
  readonly phoneNumberId: string;
  /** The provider's id of the account that owns the assistant. */
  readonly providerOrgId: string;
};

const TRADES = [
  ["Dental", "the dentist's front desk"],
  ["Plumbing", "the emergency line"],
  ["Veterinary Clinic", "the reception"],
  ["Motors", "the workshop"],
  ["Family Practice", "the appointment line"],
  ["Bistro", "reservations"],
  ["Accounting", "the client desk"],
  ["Opticians", "the shop"],
] as const;
const TOOLS = ["find_slots", "book_visit", "lookup_customer", "check_order", "quote_price", "list_messages"];
const VOICES = ["Elliot", "Kylie", "Rohan", "Lily", "Savannah", "Hana", "Cole", "Harry", "Paige", "Spencer"];
/** Toll-free codes. A number of such a code and 555-01xx is not assigned to anybody. */
const TOLL_FREE = ["800", "833", "844", "855", "866", "877", "888"];
const RULES = 7;

/** Returns the persona of an assistant's id. */
export function personaOf(assistantId: string): Persona {
  const random = randomFrom("persona", assistantId);
  const [trade, desk] = random.pick(TRADES);
  const company = `${phrase("last_name", random)} ${trade}`;
  const agentName = phrase("first_name", random);
  return {
    agentName,
    company,
    // It names no business, because the agent may belong to any organization.
    greeting: `Hello, this is ${agentName}. ${random.pick(["How can I help?", "What can I do for you?"])}`,
    instructions: [
      `You are ${agentName} and answer ${desk} of a business that takes bookings.`,
      ...rules(RULES, random).map((rule) => `- ${rule}`),
    ].join("\n"),
    voiceId: random.pick(VOICES),
    tools: random.shuffled(TOOLS).slice(0, 3),
    ourNumber: `+1${random.pick(TOLL_FREE)}55501${random.text(2, "0123456789")}`,
    phoneNumberId: random.uuid(),
    providerOrgId: random.uuid(),
  };
}
