import type { Scope } from "@call-ledger/domain";
import { z } from "zod";

export const withScope = (scope: Scope) => ({ who: "organization", scope }) as const;
export const OPERATOR = { who: "operator" } as const;
export const SIGNED_IN = { who: "signed_in" } as const;
export const ANYONE = { who: "anyone" } as const;

/** Returns the schema of a list without pages. */
export const listOfAll = <Row extends z.ZodType>(row: Row) => z.object({ data: z.array(row) });
