import { describe, expect, test } from "vitest";
import { readGoScalar } from "./go-scalar.ts";

/** What `docker buildx bake --print` (0.29) makes of these as args of a Compose file. */
const printed: Readonly<Record<string, string | null>> = {
  "20261126225540123": "20261126225540123",
  "20261126225540123999": "2.0261126225540125e+19",
  "-9223372036854775808": "-9223372036854775808",
  "9223372036854775808": "9223372036854775808",
  "18446744073709551615": "18446744073709551615",
  "18446744073709551616": "1.8446744073709552e+19",
  "-9223372036854775809": "-9.223372036854776e+18",
  "017": "15",
  "0o17": "15",
  "089": "89",
  "08": "8",
  "0xFf": "255",
  "0b101": "5",
  "0B1": "1",
  "0X1f": "31",
  "0O7": "7",
  "1_000": "1000",
  "1__0": "10",
  "1_": "1",
  _1: "_1",
  "0_7": "7",
  "0x1_f": "31",
  "0x_1": "1",
  "1_0.5": "10.5",
  "+12": "12",
  "-0x10": "-16",
  "-017": "-15",
  "-0o17": "-15",
  "-0b11": "-3",
  "-0": "0",
  "000": "0",
  "0x": "0x",
  "0o8": "0o8",
  "1.10": "1.1",
  "-1.50": "-1.5",
  "3.0": "3",
  "5.": "5",
  ".5": "0.5",
  "+.5": "0.5",
  "1e3": "1000",
  "1E5": "100000",
  "1e6": "1e+06",
  "1.5e300": "1.5e+300",
  "100000000.0": "1e+08",
  "1234567.5": "1.2345675e+06",
  "0.0001": "0.0001",
  "0.00001": "1e-05",
  "0.30000000000000004": "0.30000000000000004",
  "99999999999999999999.0": "1e+20",
  "1e400": "1e400",
  "1e": "1e",
  "0x1p-2": "0x1p-2",
  "1:30:00": "1:30:00",
  "190:20:30.15": "190:20:30.15",
  yes: "yes",
  no: "no",
  on: "on",
  y: "y",
  true: "true",
  True: "true",
  TRUE: "true",
  tRUE: "tRUE",
  ".inf": "+Inf",
  "-.inf": "-Inf",
  ".nan": "NaN",
  NaN: "NaN",
  inf: "inf",
  null: null,
  "~": null,
  NULL: null,
  "": null,
  "2026-11-26 10:00": "2026-11-26 10:00",
  "2026-13-26": "2026-13-26",
  "=": "=",
};

describe("a scalar of a Compose file", () => {
  test.each(Object.entries(printed))("%j reads as %j", (text, value) => {
    expect(readGoScalar({ text, isPlain: true, tag: undefined })).toBe(value);
  });

  test.each(["2026-11-26", "2026-1-2", "2026-11-26T10:00:00Z", "2026-11-26t10:00:00.5+02:00", "2026-11-26 10:00:00"])(
    "%j is a point in time, which Compose refuses",
    (text) => {
      expect(readGoScalar({ text, isPlain: true, tag: undefined })).toHaveProperty("fault");
    },
  );

  test.each([
    ["017", false, undefined, "017"],
    ["null", false, undefined, "null"],
    ["017", true, "tag:yaml.org,2002:str", "017"],
    ["12", false, "tag:yaml.org,2002:int", "12"],
    ["1.10", false, "tag:yaml.org,2002:float", "1.1"],
    ["aGVsbG8=", true, "tag:yaml.org,2002:binary", "hello"],
  ])("%j (plain: %j, tag %j) reads as %j", (text, isPlain, tag, value) => {
    expect(readGoScalar({ text, isPlain, tag })).toBe(value);
  });
});
