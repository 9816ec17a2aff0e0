/** Options of csv-parse with which the action reads a list input. Source: `getInputList` of @docker/actions-toolkit, and csv-parse's options. */
interface CsvOptions {
  /** Whether a quote at an unexpected place is an ordinary character. */
  readonly isRelaxed: boolean;
  /** Whether lines that begin with `#` are left out. */
  readonly hasComments: boolean;
}

/**
 * Parses records of comma-separated fields, one a line; empty lines are skipped. Undefined: a misplaced quote, at which the action ends with an
 * error.
 */
function parseCsvRecords(text: string, options: CsvOptions): string[][] | undefined {
  const records: string[][] = [];
  let at = 0;
  while (at < text.length) {
    const line = /\r\n|\r|\n/y;
    line.lastIndex = at;
    const ending = line.exec(text);
    if (ending !== null) at = line.lastIndex;
    else if (options.hasComments && text.charAt(at) === "#") at = lineEnd(text, at);
    else {
      const record = readRecord(text, at, options);
      if (record === undefined) return undefined;
      records.push(record.fields);
      at = record.end;
    }
  }
  return records;
}

function lineEnd(text: string, at: number): number {
  const found = text.slice(at).search(/[\r\n]/);
  return found < 0 ? text.length : at + found;
}

function readRecord(text: string, from: number, options: CsvOptions): { fields: string[]; end: number } | undefined {
  const fields: string[] = [];
  for (let at = from; ; at += 1) {
    const field = readField(text, at, options);
    if (field === undefined) return undefined;
    fields.push(field.text);
    at = field.end;
    if (text.charAt(at) !== ",") return { fields, end: at };
  }
}

function readField(text: string, at: number, { isRelaxed }: CsvOptions): { text: string; end: number } | undefined {
  if (text.charAt(at) === '"') {
    const end = closingQuoteOf(text, at);
    if (end === undefined) return undefined;
    const next = text.charAt(end + 1);
    if (next === "" || next === "," || next === "\n" || next === "\r") {
      return { text: text.slice(at + 1, end).replaceAll('""', '"'), end: end + 1 };
    }
    if (!isRelaxed) return undefined;
  }
  const found = text.slice(at).search(/[,\r\n]/);
  const end = found < 0 ? text.length : at + found;
  const field = text.slice(at, end);
  return !isRelaxed && field.includes('"') ? undefined : { text: field, end };
}

function closingQuoteOf(text: string, at: number): number | undefined {
  for (let end = text.indexOf('"', at + 1); end >= 0; end = text.indexOf('"', end + 2)) {
    if (text.charAt(end + 1) !== '"') return end;
  }
  return undefined;
}

/** Splits a list input into items, one a line; commas stay in the items. Source: `getInputList` of @docker/actions-toolkit. */
export function inputItems(text: string): string[] | undefined {
  const records = parseCsvRecords(text.trim(), { isRelaxed: true, hasComments: true });
  return records?.map((record) => record.join(",")).flatMap((item) => (item === "" ? [] : [item.trim()]));
}

/** Splits an item into fields, as the action does. */
export function itemFields(item: string): string[] | undefined {
  return parseCsvRecords(item, { isRelaxed: false, hasComments: false })?.[0];
}
