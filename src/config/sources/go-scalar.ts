/** A YAML scalar in its written form. */
export interface WrittenScalar {
  readonly text: string;
  /** Whether the scalar is neither quoted nor a block. */
  readonly isPlain: boolean;
  /** A tag of YAML itself (`!!str`); undefined: none is written. */
  readonly tag: string | undefined;
}

const integerBounds = { smallest: -(2n ** 63n), largest: 2n ** 64n - 1n };
const nulls: ReadonlySet<string> = new Set(["", "~", "null", "Null", "NULL"]);
const booleans: Readonly<Record<string, string>> = {
  true: "true",
  True: "true",
  TRUE: "true",
  false: "false",
  False: "false",
  FALSE: "false",
};
const specialFloats: Readonly<Record<string, string>> = {
  ".nan": "NaN",
  ".NaN": "NaN",
  ".NAN": "NaN",
  ".inf": "+Inf",
  ".Inf": "+Inf",
  ".INF": "+Inf",
  "+.inf": "+Inf",
  "+.Inf": "+Inf",
  "+.INF": "+Inf",
  "-.inf": "-Inf",
  "-.Inf": "-Inf",
  "-.INF": "-Inf",
};

/**
 * Reads a scalar as Compose does: text, null for YAML's null, or a fault. compose-go lets go-yaml resolve the scalar (YAML 1.1 integers
 * such as `017` and `1_000`, floats, booleans) and prints the value as Go's `%v` does.
 */
export function readGoScalar({ text, isPlain, tag }: WrittenScalar): string | null | { readonly fault: string } {
  if (tag === "tag:yaml.org,2002:binary") return Buffer.from(text, "base64").toString();
  const isTyped = tag !== undefined && tag !== "tag:yaml.org,2002:str" && tag.startsWith("tag:yaml.org,2002:");
  if ((!isPlain && !isTyped) || tag === "tag:yaml.org,2002:str") return text;
  if (nulls.has(text)) return null;
  const known = booleans[text] ?? specialFloats[text];
  if (known !== undefined) return known;
  if (isTimestamp(text)) {
    return { fault: `Compose takes ${text} for a point in time and refuses it here; put it into quotes` };
  }
  if (!/^[-+.0-9]/.test(text)) return text;
  const plain = text.replaceAll("_", "");
  return readInteger(plain) ?? readFloat(plain) ?? text;
}

/** Reads binary, octal (`017`, `0o17`), decimal and hexadecimal integers within 64 bits; larger ones are floats in Go. */
function readInteger(text: string): string | undefined {
  const [, sign = "", prefix = "", digits = ""] =
    /^([-+]?)(0[xX]|0[bB]|0[oO]|0(?=[0-7]))?([0-9a-fA-F]+)$/.exec(text) ?? [];
  if (digits === "") return undefined;
  const radix = { x: "0x", b: "0b", o: "0o", "0": "0o", "": "" }[prefix.toLowerCase().slice(-1)] ?? "";
  const fits = { "0x": /^[0-9a-fA-F]+$/, "0b": /^[01]+$/, "0o": /^[0-7]+$/, "": /^(?:0|[1-9][0-9]*)$/ }[radix];
  if (fits?.test(digits) !== true) return undefined;
  // A number of 64 bits has at most 64 digits, and BigInt takes the square of their count.
  const significant = digits.replace(/^0+(?=.)/, "");
  if (significant.length > 64) return undefined;
  const magnitude = BigInt(`${radix}${significant}`);
  const value = sign === "-" ? -magnitude : magnitude;
  return value < integerBounds.smallest || value > integerBounds.largest ? undefined : String(value);
}

/** Prints a float as Go's `%v` does: the fewest digits that give the value, with an exponent below -4 and from 6 on. */
function readFloat(text: string): string | undefined {
  if (!/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(text)) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) return undefined;
  const [mantissa = "", written = "0"] = value.toExponential().split("e");
  const exponent = Number(written);
  const sign = Object.is(value, -0) ? "-" : "";
  if (exponent >= -4 && exponent < 6) return `${sign}${String(value)}`;
  return `${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** Whether go-yaml takes the text for a time. */
function isTimestamp(text: string): boolean {
  const time = String.raw`(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?`;
  const pattern = new RegExp(`^(\\d{4})-(\\d{1,2})-(\\d{1,2})(?:[Tt]${time}(?:Z|[-+]\\d\\d:\\d\\d)| ${time})?$`);
  const [whole, year = "", month = "", day = "", ...rest] = pattern.exec(text) ?? [];
  if (whole === undefined) return false;
  const [hour = 0, minute = 0, second = 0] = rest.filter((part) => part !== undefined).map(Number);
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  const isDate = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  return isDate && hour < 24 && minute < 60 && second < 60;
}
