import { expect, test } from "vitest";
import { isTimeZone } from "./time-zone.ts";

test.each(["UTC", "Europe/Vienna", "America/Port-au-Prince", "America/North_Dakota/New_Salem"])(
  "%s is a time zone",
  (name) => {
    expect(isTimeZone(name)).toBe(true);
  },
);

test.each(["", "Vienna", "CET", "XYZ+3", "Mars/Olympus", "europe/vienna", "Etc/GMT+3", "UTC; drop table"])(
  "%j is none",
  (name) => {
    expect(isTimeZone(name)).toBe(false);
  },
);
