import { createContext, useContext } from "react";

/** The IANA time zone in which times are shown, which is the organization's. */
export const ZoneContext = createContext("UTC");

export function useZone(): string {
  return useContext(ZoneContext);
}
