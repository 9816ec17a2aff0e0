/** Converts a text to a number; NaN: it is not one. Source: GitHub's runner, `ExpressionUtility.ParseNumber`. */
export function readNumber(text: string): number {
  const trimmed = text.trim();
  if (trimmed === "") return 0;
  if (/^[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[-+]?[0-9]+)?$/i.test(trimmed)) return Number(trimmed);
  // Hexadecimal and octal numbers are signed 32-bit integers.
  if (/^0x[0-9a-f]{1,8}$/i.test(trimmed)) return Number(trimmed) | 0;
  if (/^0o[0-7]{1,11}$/.test(trimmed)) return Number(trimmed) | 0;
  const signed = /^([-+]?)Infinity$/.exec(trimmed);
  return signed === null ? NaN : signed[1] === "-" ? -Infinity : Infinity;
}

/** Renders a number with at most 15 digits, as .NET's `G15` does. */
export function renderNumber(value: number): string {
  if (!Number.isFinite(value) || value === 0) return String(value === 0 ? 0 : value);
  const [digits = "", power = "0"] = value.toExponential(14).split("e");
  const exponent = Number(power);
  const rounded = Number(value.toPrecision(15));
  if (exponent >= 15 || exponent < -4) {
    const [, sign = "", amount = ""] = /^([-+])(.*)$/.exec(power) ?? [];
    return `${Number(digits)}E${sign}${amount.padStart(2, "0")}`;
  }
  return String(rounded);
}
