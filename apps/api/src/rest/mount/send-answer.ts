import type { Route } from "@call-ledger/contract/route";
import type { Request, Response } from "express";
import { writeText } from "../../http/write-reply.ts";
import { entityTag, isKnown } from "./conditional.ts";

/** An answer before it is sent. */
export type AnswerText = { readonly status: number; readonly text: string };

/** An answer is not what the contract says: a fault of ours. */
class AnswerOffContract extends Error {
  override readonly name = "AnswerOffContract";
}

/** The body that a handler returned as text. Throws if answers are checked, and this one is not as the contract says. */
export function answerText(
  { id, route }: { readonly id: string; readonly route: Route },
  body: unknown,
  { checksAnswers }: { readonly checksAnswers: boolean },
): AnswerText {
  if (route.response === null) return { status: route.status, text: "" };
  const text = JSON.stringify(body);
  if (checksAnswers) checkAnswer(id, route, JSON.parse(text));
  return { status: route.status, text };
}

/** Sends an answer; a GET that was answered so before gets 304 if it says so. */
export function sendText(req: Request, res: Response, { status, text }: AnswerText): void {
  const isRead = status === 200 && (req.method === "GET" || req.method === "HEAD");
  const etag = isRead ? entityTag(text) : null;
  if (etag !== null && isKnown(req, etag)) writeText(res, 304, { etag }, "");
  else if (text === "") writeText(res, status, {}, "");
  else
    writeText(res, status, { "content-type": "application/json", ...(etag === null ? {} : { etag }) }, text);
}

function checkAnswer(id: string, { response }: Route, body: unknown): void {
  const result = response?.safeParse(body);
  if (result?.success === false) {
    throw new AnswerOffContract(
      `${id}: ${result.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`)}`,
    );
  }
  const surplus = unknownFields(body, result?.data, "");
  if (surplus.length > 0)
    throw new AnswerOffContract(`${id}: unknown to the contract: ${surplus.join(", ")}`);
}

/** What a schema has left out of a body, by its path. */
function unknownFields(body: unknown, known: unknown, place: string): string[] {
  if (typeof body !== "object" || body === null || typeof known !== "object" || known === null) return [];
  return Object.entries(body).flatMap(([name, value]) =>
    Object.hasOwn(known, name)
      ? unknownFields(value, Reflect.get(known, name), `${place}.${name}`)
      : [`${place}.${name}`],
  );
}
