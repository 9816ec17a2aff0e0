/** Renders rows as CSV (RFC 4180) with lines that end by CR LF. Null is an empty cell. */
export function renderCsv(rows: readonly (readonly (string | number | null)[])[]): string {
  return rows.map((row) => `${row.map(renderCell).join(",")}\r\n`).join("");
}

/** A text that begins as a formula gets an apostrophe: names in it may be a stranger's, and spreadsheets run formulas. */
function renderCell(cell: string | number | null): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
