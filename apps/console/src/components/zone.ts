import { createContext, useContext } from "react";

/** The IANA time zone that times are shown in: the organization's. */
export const ZoneContext = createContext("UTC");

export function useZone(): string {
  return useContext(ZoneContext);
}
