import { z } from "zod";

/*
 * The fields of a Render Blueprint that this project uses, each with the page that documents it. A field that is not
 * here is refused, so that a misspelt one is noticed.
 */

/** https://render.com/docs/blueprint-spec#plan; the paid plans are those in docs/render.md. */
const plan = z.enum(["free", "starter", "standard"]);

/** https://render.com/docs/regions */
const region = z.enum(["oregon", "ohio", "virginia", "frankfurt", "singapore"]);

/** https://render.com/docs/environment-variables: a name has to be valid in a shell. */
const key = z.string().regex(/^[A-Z][A-Z0-9_]*$/);

/** https://render.com/docs/blueprint-spec#environment-variables: an entry has one source. */
const envVar = z.union([
  z.strictObject({ key, value: z.string() }),
  /** Render generates a base64-encoded 256-bit value once. */
  z.strictObject({ key, generateValue: z.literal(true) }),
  /** The dashboard asks for the value when the Blueprint is created. */
  z.strictObject({ key, sync: z.literal(false) }),
  z.strictObject({
    key,
    /** https://render.com/docs/blueprint-spec#referencing-values-from-other-services */
    fromService: z.strictObject({ type: z.literal("web"), name: z.string(), envVarKey: key }),
  }),
]);

const common = {
  name: z.string().min(1),
  /** https://render.com/docs/node-version: the native runtime reads the version from `.node-version`. */
  runtime: z.literal("node"),
  region,
  branch: z.string().min(1),
  /** https://render.com/docs/deploys#automatic-git-deploys; "off" has to be quoted, because YAML reads it as false. */
  autoDeployTrigger: z.enum(["off", "commit", "checksPass"]),
  /** https://render.com/docs/deploys#build-command */
  buildCommand: z.string().min(1),
  /** https://render.com/docs/deploys#start-command */
  startCommand: z.string().min(1),
  /** https://render.com/docs/deploys#pre-deploy-command: for paid services only. */
  preDeployCommand: z.string().min(1).optional(),
  envVars: z.array(envVar),
};

/** https://render.com/docs/web-services */
const web = z.strictObject({
  ...common,
  type: z.literal("web"),
  plan,
  /** https://render.com/docs/health-checks */
  healthCheckPath: z.string().startsWith("/"),
});

/** https://render.com/docs/background-workers: they have no free plan. */
const worker = z.strictObject({
  ...common,
  type: z.literal("worker"),
  plan: plan.exclude(["free"]),
  /** https://render.com/docs/deploys#graceful-instance-shutdown, seconds */
  maxShutdownDelaySeconds: z.number().int().min(1).max(300).optional(),
});

const service = z
  .discriminatedUnion("type", [web, worker])
  .refine(({ plan, preDeployCommand }) => plan !== "free" || preDeployCommand === undefined, {
    error: "preDeployCommand is for paid plans",
  })
  .refine(({ envVars }) => new Set(envVars.map(({ key }) => key)).size === envVars.length, {
    error: "a variable is there twice",
  });

/** https://render.com/docs/blueprint-spec: a parsed `render.yaml`. */
export const blueprintSchema = z.strictObject({ services: z.array(service).min(1) });

/** The parts of a Blueprint that this project uses. */
export type Blueprint = z.output<typeof blueprintSchema>;
