import type { Provider } from "../common/provider.ts";
import { vapiConnecting } from "./connecting.ts";
import { vapiConversation } from "./conversation.ts";
import { vapiCostParts } from "./cost-parts.ts";
import { PROOFS, vapiCredential, vapiDecoy } from "./credential.ts";
import { vapiDestinationName } from "./destination-name.ts";
import { isVapiFault } from "./ended-reason.outcome.ts";
import { vapiEndedReason } from "./ended-reason.words.ts";
import { vapiCalls } from "./fetched-call.ts";
import { vapiPlatform } from "./platform.account.ts";
import { answerVapi } from "./question.ts";
import { readVapi } from "./read.ts";
import { vapiRecordings } from "./recording.request.ts";
import { vapiSetup } from "./setup/vapi-setup.ts";
import { vapiHeaders } from "./sign.ts";

/** Vapi's server messages, and the flat dialect that older systems send instead. */
export const vapi: Provider = {
  provider: "vapi",
  credentialOf: vapiCredential,
  decoy: vapiDecoy,
  read: readVapi,
  answer: answerVapi,
  isProviderFault: isVapiFault,
  proofs: PROOFS,
  sign: vapiHeaders,
  platform: vapiPlatform,
  recordings: vapiRecordings,
  words: {
    endedReason: vapiEndedReason,
    conversation: vapiConversation,
    costParts: vapiCostParts,
    destinationName: vapiDestinationName,
  },
  connecting: vapiConnecting,
  calls: vapiCalls,
  setup: vapiSetup,
};
