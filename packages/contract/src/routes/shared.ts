import type { Scope } from "@call-ledger/domain";
import { z } from "zod";
import type { Access } from "../route.ts";

export const withScope = (scope: Scope): Access => ({ who: "organization", scope });
export const OPERATOR: Access = { who: "operator" };
export const SIGNED_IN: Access = { who: "signed_in" };
export const ANYONE: Access = { who: "anyone" };

/** A list without pages. */
export const listOfAll = <Row extends z.ZodType>(row: Row) => z.object({ data: z.array(row) });
