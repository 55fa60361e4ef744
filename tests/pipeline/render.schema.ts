import { z } from "zod";

/*
 * The fields of a Render Blueprint that this project uses, each with the page that documents it. A field that is not
 * here is refused, so that a misspelt one cannot be ignored in silence.
 */

/** https://render.com/docs/blueprint-spec#plan; the paid ones are those that docs/render.md shows. */
const plan = z.enum(["free", "starter", "standard"]);

/** https://render.com/docs/regions */
const region = z.enum(["oregon", "ohio", "virginia", "frankfurt", "singapore"]);

/** https://render.com/docs/environment-variables: names are what a shell takes. */
const key = z.string().regex(/^[A-Z][A-Z0-9_]*$/);

/** https://render.com/docs/blueprint-spec#environment-variables: an entry has one source. */
const envVar = z.union([
  z.strictObject({ key, value: z.string() }),
  /** Render makes a base64-encoded 256-bit value, once. */
  z.strictObject({ key, generateValue: z.literal(true) }),
  /** Asked for in the dashboard when the Blueprint is created. */
  z.strictObject({ key, sync: z.literal(false) }),
  z.strictObject({
    key,
    /** https://render.com/docs/blueprint-spec#referencing-values-from-other-services */
    fromService: z.strictObject({ type: z.literal("web"), name: z.string(), envVarKey: key }),
  }),
]);

const common = {
  name: z.string().min(1),
  /** https://render.com/docs/node-version: of the native runtime; the version is read from `.node-version`. */
  runtime: z.literal("node"),
  region,
  branch: z.string().min(1),
  /** https://render.com/docs/deploys#automatic-git-deploys; "off" has to be quoted, YAML takes it for false. */
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

/** https://render.com/docs/background-workers: there is no free one. */
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
    error: "a variable stands there twice",
  });

/** https://render.com/docs/blueprint-spec: `render.yaml`, parsed. */
export const blueprintSchema = z.strictObject({ services: z.array(service).min(1) });

/** A Blueprint as far as this project uses it. */
export type Blueprint = z.output<typeof blueprintSchema>;
