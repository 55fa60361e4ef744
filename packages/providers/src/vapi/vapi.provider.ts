import type { ProviderAdapter } from "../common/provider-adapter.ts";
import { answerVapi } from "./question.ts";
import { readVapi } from "./read.ts";
import { verifyVapi } from "./verify.ts";

/** Vapi's server messages, and the flat dialect that older systems send in their place. */
export const vapi: ProviderAdapter = {
  provider: "vapi",
  verify: verifyVapi,
  read: readVapi,
  answer: answerVapi,
};
