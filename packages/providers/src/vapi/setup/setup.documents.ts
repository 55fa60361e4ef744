import { z } from "zod";
import type { JsonObject } from "../../common/json-body.ts";
import { bodyText, isObject } from "../../common/json-body.ts";
import type { SetupAnswers } from "../../common/setup-api.ts";

/*
 * A field of another type counts as missing, so that a change of the API does not hide the other fields.
 */

const text = z.string().min(1).nullable().catch(null);
const flag = z.boolean().nullable().catch(null);
const number = z.number().nullable().catch(null);
const texts = z.array(z.string()).nullable().catch(null);
const part = <Shape extends z.ZodRawShape>(shape: Shape) => {
  const schema = z.object(shape);
  return z
    .unknown()
    .optional()
    .transform((value) => schema.parse(isObject(value) ? value : {}));
};
const list = <Item extends z.ZodType>(item: Item) =>
  z
    .unknown()
    .optional()
    .transform((value) => (Array.isArray(value) ? value.map((one) => item.parse(one)) : []));
const whole = z
  .unknown()
  .optional()
  .transform((value): JsonObject => (isObject(value) ? value : {}));

const serverSchema = part({
  url: text,
  credentialId: text,
  secret: text,
  headers: whole,
  backoffPlan: z
    .object({
      type: text,
      maxRetries: z.number().catch(0),
      baseDelaySeconds: z.number().catch(0),
      excludedStatusCodes: z.array(z.unknown()).catch([]),
    })
    .nullable()
    .catch(null),
});

/** The fields of every object that may have a server URL. `serverUrl` is the older spelling. */
const senderSchema = { server: whole, serverUrl: text, serverUrlSecret: text, isServerUrlSecretSet: flag };
const placeSchema = { id: text, name: text, ...senderSchema };

const recordingSchema = {
  recordingEnabled: flag,
  artifactPlan: whole,
  hipaaEnabled: flag,
  compliancePlan: part({ hipaaEnabled: flag }),
};

const ownedSchema = part({ orgId: text });

const assistantSchema = part({ ...placeSchema, ...recordingSchema, serverMessages: texts });

const numberSchema = part({
  ...placeSchema,
  provider: text,
  assistantId: text,
  squadId: text,
  workflowId: text,
});

const overridesSchema = part({ ...senderSchema, serverMessages: texts, ...recordingSchema }).transform(
  (read) => ({ ...read, ...senderIn(read) }),
);

const squadSchema = part({
  id: text,
  name: text,
  membersOverrides: overridesSchema,
  members: list(
    part({
      assistantId: text,
      assistant: z
        .unknown()
        .optional()
        .transform((value) => (isObject(value) ? overridesSchema.parse(value) : null)),
      assistantOverrides: overridesSchema,
    }),
  ),
});

const organizationSchema = part({ ...placeSchema, subscription: part({ callRetentionDays: number }) });

const credentialSchema = part({
  id: text,
  authenticationPlan: part({
    type: text,
    algorithm: text,
    signatureHeader: text,
    timestampHeader: text,
    signaturePrefix: z.string().nullable().catch(null),
    includeTimestamp: flag,
    payloadFormat: text,
    messageIdHeader: text,
    signatureEncoding: text,
    secretIsBase64: flag,
    headerName: text,
    bearerPrefixEnabled: flag,
  }),
});

/** A server object, and what it sends with a delivery. */
type Sender = {
  readonly url: string | null;
  readonly credentialId: string | null;
  /** Whether it has its own secret, which the API does not show. A new server object would not have it. */
  readonly hidesSecret: boolean;
  /** The names of headers that it sends without a credential, lower case. */
  readonly headers: readonly string[];
  readonly backoffPlan: z.output<typeof serverSchema>["backoffPlan"];
};

/** A place where a server URL can be set. */
export type Place = Sender & {
  readonly kind: "organization" | "phone number" | "assistant";
  readonly id: string;
  /** The description for people. */
  readonly label: string;
  /** The path for PATCH, and the fields that its body needs beside the change. */
  readonly path: string;
  readonly needed: JsonObject;
  /** The object in the API's form. It may contain secrets. */
  readonly server: JsonObject;
  /** The messages that are sent; `null`: the provider's usual ones, or this place does not decide it. */
  readonly serverMessages: readonly string[] | null;
  /** The values of other fields that a change may set, for people. */
  readonly current: JsonObject;
};

type Recording = Pick<z.output<typeof overridesSchema>, keyof typeof recordingSchema>;

export type Assistant = Place & Recording;
export type PhoneNumber = Place &
  Pick<z.output<typeof numberSchema>, "assistantId" | "squadId" | "workflowId">;
export type Squad = z.output<typeof squadSchema> & { readonly id: string; readonly label: string };
type Organization = Place & { readonly retentionDays: number | null };
export type AuthenticationPlan = z.output<typeof credentialSchema>["authenticationPlan"];

/** An account's settings at Vapi; `null`: the key may not read them. */
export type VapiSetup = {
  /** The id of the Vapi organization. Every object has it, also if the key may not read the organization. */
  readonly customer: string | null;
  readonly organization: Organization | null;
  readonly assistants: readonly Assistant[];
  readonly numbers: readonly PhoneNumber[];
  readonly squads: readonly Squad[];
  /** Whether the key may read the squads. Without them `squads` is empty. */
  readonly mayReadSquads: boolean;
  readonly plans: ReadonlyMap<string, AuthenticationPlan> | null;
};

const MAX_NAME_LENGTH = 40;

/** Reads the answers of the API. Returns `null` if an answer is not a list. Never throws. */
export function readSetup(answers: SetupAnswers): VapiSetup | null {
  const assistants = listIn(answers.assistants);
  const numbers = listIn(answers.numbers);
  const squads = listIn(answers.squads);
  if (assistants === null || numbers === null) return null;
  const organization = organizationIn(answers.organization);
  const owners = [...assistants, ...numbers].map((one) => ownedSchema.parse(one).orgId);
  return {
    customer: organization?.id ?? owners.find((id) => id !== null) ?? null,
    organization,
    assistants: assistants.flatMap((one) => {
      const read = assistantSchema.parse(one);
      const recordingEnabled = read.artifactPlan.recordingEnabled ?? read.recordingEnabled;
      const current = {
        serverMessages: read.serverMessages,
        "artifactPlan.recordingEnabled": recordingEnabled,
      };
      return withId(read, "assistant").map((place) => ({ ...read, ...place, current }));
    }),
    numbers: numbers.flatMap((one) => {
      const read = numberSchema.parse(one);
      const { assistantId, squadId, workflowId } = read;
      const current = { assistantId, squadId, workflowId };
      return withId(read, "phone number").map((place) => ({ ...read, ...place, current }));
    }),
    mayReadSquads: squads !== null,
    squads: (squads ?? []).flatMap((one) => {
      const squad = squadSchema.parse(one);
      return squad.id === null
        ? []
        : [{ ...squad, id: squad.id, label: labelOf("squad", squad.id, squad.name) }];
    }),
    plans: plansIn(answers.credentials),
  };
}

function organizationIn(answer: Uint8Array | null | undefined): Organization | null {
  const document = parsed(answer);
  const read = organizationSchema.parse(Array.isArray(document) ? document[0] : document);
  const [place] = withId(read, "organization");
  return place === undefined ? null : { ...place, retentionDays: read.subscription.callRetentionDays };
}

function plansIn(answer: Uint8Array | null | undefined): VapiSetup["plans"] {
  const credentials = listIn(answer);
  if (credentials === null) return null;
  const read = credentials.map((one) => credentialSchema.parse(one));
  return new Map(
    read.flatMap(({ id, authenticationPlan }) => (id === null ? [] : [[id, authenticationPlan] as const])),
  );
}

const PATHS = { organization: "org", "phone number": "phone-number", assistant: "assistant" } as const;

type SenderFields = z.output<ReturnType<typeof part<typeof senderSchema>>>;
type PlaceFields = z.output<ReturnType<typeof part<typeof placeSchema>>>;

type Read = PlaceFields & {
  readonly provider?: string | null;
  readonly serverMessages?: readonly string[] | null;
};

function withId(read: Read, kind: Place["kind"]): Place[] {
  if (read.id === null) return [];
  return [
    {
      kind,
      id: read.id,
      label: kind === "phone number" ? `phone number ${read.id}` : labelOf(kind, read.id, read.name),
      path: `/${PATHS[kind]}/${encodeURIComponent(read.id)}`,
      needed: read.provider ? { provider: read.provider } : {},
      server: read.server,
      ...senderIn(read),
      serverMessages: read.serverMessages ?? null,
      current: {},
    },
  ];
}

function senderIn(read: SenderFields): Sender {
  const { url, credentialId, secret, headers, backoffPlan } = serverSchema.parse(read.server);
  const hidesSecret = read.isServerUrlSecretSet === true || (secret ?? read.serverUrlSecret) !== null;
  return {
    url: url ?? read.serverUrl,
    credentialId,
    hidesSecret,
    headers: [
      ...Object.keys(headers).map((name) => name.toLowerCase()),
      ...(hidesSecret ? ["x-vapi-secret"] : []),
    ],
    backoffPlan,
  };
}

/** Returns all parts of a squad that have their own settings. */
export function partsOf({ membersOverrides, members }: Squad) {
  return [
    membersOverrides,
    ...members.flatMap(({ assistant, assistantOverrides }) => [
      assistantOverrides,
      ...(assistant ? [assistant] : []),
    ]),
  ];
}

/** Returns the label of an object. The name of a phone number may be the number itself, so it is never shown. */
function labelOf(kind: string, id: string, name: string | null): string {
  return name === null ? `${kind} ${id}` : `${kind} ${id} "${name.slice(0, MAX_NAME_LENGTH)}"`;
}

function listIn(answer: Uint8Array | null | undefined): readonly unknown[] | null {
  const document = parsed(answer);
  return Array.isArray(document) ? document : null;
}

function parsed(answer: Uint8Array | null | undefined): unknown {
  if (!answer) return null;
  try {
    return JSON.parse(bodyText(answer));
  } catch {
    return null;
  }
}
