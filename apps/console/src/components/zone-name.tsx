import { Fragment } from "react";

/** An IANA time zone. A narrow place breaks it between its parts. */
export function ZoneName({ zone }: { zone: string }) {
  const [area, ...places] = zone.split("/");
  return (
    <>
      {area}
      {places.map((place) => (
        <Fragment key={place}>
          /<wbr />
          {place}
        </Fragment>
      ))}
    </>
  );
}
