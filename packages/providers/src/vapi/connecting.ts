import type { Connecting } from "../common/provider.ts";

/** The repetitions to set at Vapi for refused deliveries. Vapi's default is no repetition. */
export const VAPI_RETRIES = { type: "exponential", maxRetries: 10, baseDelaySeconds: 10 } as const;

const MESSAGES = [
  "status-update",
  "end-of-call-report",
  "assistant.started",
  'transcript[transcriptType="final"]',
  "tool-calls",
  "transfer-update",
  "hang",
  "user-interrupted",
  "phone-call-control",
  "language-change-detected",
];

/** The steps to connect an account at Vapi. docs/connect-vapi.md has the details. */
export const vapiConnecting: Connecting = {
  title: "Vapi",
  steps: [
    {
      text: "In Vapi's dashboard create a custom credential of type HMAC with this secret: algorithm sha256, signature header x-vapi-signature, timestamp header x-vapi-timestamp, payload format {timestamp}.{body}, timestamp included, encoding hex.",
      value: "{secret}",
    },
    {
      text: "Set this server URL in one place (the organization, or the assistant, or the phone number) and attach the credential to it. A URL on the assistant hides the organization's.",
      value: "{webhook_url}",
    },
    {
      text: "Let Vapi repeat what fails: set backoffPlan on the server object through Vapi's API. Without it a delivery that is refused is lost.",
      value: JSON.stringify(VAPI_RETRIES),
    },
    { text: "Set serverMessages on the assistant to these.", value: JSON.stringify(MESSAGES) },
    { text: "Register the assistant's id as an agent of its organization, with its phone number." },
    { text: "Make a call. This page says when the first delivery has been verified." },
  ],
};
