import type { Route } from "@call-ledger/contract/route";
import type { Request, Response } from "express";
import { writeText } from "../../http/write-reply.ts";
import { entityTag, isKnown } from "./conditional.ts";
import { JsonText } from "./json-text.ts";

/** An answer before it is sent. */
export type AnswerText = { readonly status: number; readonly text: string };

/** An answer that does not match the contract. It is a fault of the service. */
class AnswerOffContract extends Error {
  override readonly name = "AnswerOffContract";
}

/** The body that a handler returned, as text. Throws AnswerOffContract if `checksAnswers` and it does not match. */
export function answerText(
  { id, route }: { readonly id: string; readonly route: Route },
  body: unknown,
  { checksAnswers }: { readonly checksAnswers: boolean },
): AnswerText {
  if (route.response === null) return { status: route.status, text: "" };
  const text = textOf(body);
  if (checksAnswers) checkAnswer(id, route, JSON.parse(text));
  return { status: route.status, text };
}

/** The texts of bodies that never change, which are frozen. */
const constants = new WeakMap<object, string>();

function textOf(body: unknown): string {
  if (body instanceof JsonText) return body.text;
  if (typeof body !== "object" || body === null || !Object.isFrozen(body)) return JSON.stringify(body);
  const text = constants.get(body) ?? JSON.stringify(body);
  constants.set(body, text);
  return text;
}

/** Sends an answer. A GET or HEAD request with the entity tag of this answer gets 304. */
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

/** The paths of the fields that a body has and the schema does not know. */
function unknownFields(body: unknown, known: unknown, place: string): string[] {
  if (typeof body !== "object" || body === null || typeof known !== "object" || known === null) return [];
  return Object.entries(body).flatMap(([name, value]) =>
    Object.hasOwn(known, name)
      ? unknownFields(value, Reflect.get(known, name), `${place}.${name}`)
      : [`${place}.${name}`],
  );
}
