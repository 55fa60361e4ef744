import type { Credential, SignedRequest } from "@call-ledger/providers";
import { vapiCredential } from "@call-ledger/providers/testing/vapi";
import type { Request, RequestHandler, Response } from "express";
import express from "express";
import { naiveHandler } from "./naive.handler.ts";

/* A server to compare with, in a process of its own. Its settings are on the command line. */

export type BaselineSettings = {
  /** `bare`: reads the body and answers. `verifying`: checks the signature too. `naive`: see naive.handler.ts. */
  readonly kind: "bare" | "verifying" | "naive";
  readonly port: number;
  readonly secret: string;
  readonly databaseUrl: string;
};

const BODY_LIMIT = 5 * 1024 * 1024;

const settings: BaselineSettings = JSON.parse(process.argv[2] ?? "");
const app = express();
app.disable("x-powered-by");
app.disable("etag");
app.get("/", (_req, res) => answer(res));
app.post("/*path", express.raw({ type: () => true, limit: BODY_LIMIT }), ...handlers(settings));
const server = app.listen(settings.port, "127.0.0.1");
process.once("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
  process.exit(0);
});

function handlers({ kind, secret, databaseUrl }: BaselineSettings): RequestHandler[] {
  const received: RequestHandler = (_req, res) => answer(res);
  if (kind === "bare") return [received];
  const verify = verifying(vapiCredential(secret));
  if (kind === "verifying") return [verify, received];
  const handle = naiveHandler(databaseUrl);
  return [
    verify,
    async (req, res) => {
      await handle(req.body);
      answer(res);
    },
  ];
}

/** Makes the same check as the api. */
function verifying(credential: Credential): RequestHandler {
  return (req, res, next) => {
    if (credential.verify(signedRequest(req), Date.now()).verified) next();
    else res.status(401).json({ error: "Unauthorized" });
  };
}

function signedRequest(req: Request): SignedRequest {
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(req.headers)) {
    if (typeof value === "string") headers[name] = value;
  }
  return { method: req.method, url: req.originalUrl, headers, body: req.body };
}

function answer(res: Response): void {
  res.status(200).json({ received: true });
}
