/** Size of a tar header, and of the blocks that contents fill. Source: POSIX.1-2001, pax, "ustar Interchange Format". */
export const tarBlock = 512;

/** Fields of a tar entry, before pax records and GNU's long names apply. */
export interface TarHeader {
  readonly name: string;
  readonly linkName: string;
  /** `0` or `\0`: a file, `1`: a hard link, `2`: a symbolic link, `5`: a folder, `x`, `g`, `L`, `K`: about the next entry. */
  readonly type: string;
  /** Bytes of content; not a number or negative: the header is damaged. */
  readonly size: number;
  readonly mode: number;
  readonly user: number;
  readonly group: number;
}

/** Reads a header block. Does not check its sum. */
export function readTarHeader(block: Uint8Array): TarHeader {
  return {
    name: nameOf(block),
    linkName: textField(block, 157, 100),
    type: String.fromCharCode(block[156] ?? 0),
    size: numberField(block, 124, 12),
    mode: numberField(block, 100, 8),
    user: numberField(block, 108, 8),
    group: numberField(block, 116, 8),
  };
}

/** Whether a block has the sum that its header states. Old programs summed signed bytes. */
export function isTarHeader(block: Uint8Array): boolean {
  const stated = numberField(block, 148, 8);
  let unsigned = 0;
  let signed = 0;
  for (const [at, byte] of block.entries()) {
    const value = at >= 148 && at < 156 ? 0x20 : byte;
    unsigned += value;
    signed += value < 0x80 ? value : value - 0x100;
  }
  return stated === unsigned || stated === signed;
}

/** Parses pax records, `size key=value\n` one after another; `size` includes itself. */
export function readPaxRecords(content: Uint8Array, records: Map<string, string>): void {
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const size = Number(latin(content.subarray(at, space)));
    if (space < 0 || !(size > 0)) break;
    const record = latin(content.subarray(space + 1, at + size - 1));
    const equals = record.indexOf("=");
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at += size;
  }
}

/** Reads GNU's long name of the next entry. */
export function readLongName(content: Uint8Array): string {
  return cut(latin(content));
}

function nameOf(header: Uint8Array): string {
  const [name, prefix] = [textField(header, 0, 100), textField(header, 345, 155)];
  return prefix === "" || textField(header, 257, 5) !== "ustar" ? name : `${prefix}/${name}`;
}

/** Parses a number: octal digits, or, if the first bit is set, base 256, which GNU tar uses for large numbers. */
function numberField(header: Uint8Array, start: number, length: number): number {
  const bytes = header.subarray(start, start + length);
  if (((bytes[0] ?? 0) & 0x80) !== 0) return bytes.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
  return Number.parseInt(cut(latin(bytes)).trim() || "0", 8);
}

function textField(header: Uint8Array, start: number, length: number): string {
  return cut(latin(header.subarray(start, start + length)));
}

/** Paths are bytes: Latin-1 keeps each of them, and equal bytes give equal texts. */
function latin(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

function cut(text: string): string {
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}
