import { createHash } from "node:crypto";

/**
 * Reads a layer's entries by path: kind, mode, owner, link, extended attributes and the content's digest, without times. Source:
 * POSIX.1-2001, pax.
 */
export function readLayerFiles(tar: Uint8Array): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  let next = new Map<string, string>();
  for (let at = 0; at + block <= tar.length;) {
    const header = tar.subarray(at, at + block);
    if (header.every((byte) => byte === 0)) break;
    const size = Number(next.get("size") ?? octal(header, 124, 12));
    // A negative size would move backwards and never end.
    if (!(size >= 0)) break;
    const content = tar.subarray(at + block, at + block + size);
    at += block + Math.ceil(size / block) * block;
    const type = String.fromCharCode(header[156] ?? 0);
    // GNU's long names and pax records apply to the next entry.
    if (type === "L") next.set("path", cut(decode(content)));
    else if (type === "K") next.set("linkpath", cut(decode(content)));
    else if (type === "x") readPax(content, next);
    else if (type !== "g") {
      const path = (next.get("path") ?? nameOf(header)).replace(/^\.\//, "").replace(/\/$/, "");
      files.set(path, describe(header, type, next, content));
      next = new Map();
    }
  }
  return files;
}

const block = 512;

function describe(header: Uint8Array, type: string, pax: ReadonlyMap<string, string>, content: Uint8Array): string {
  const isFile = type === "0" || type === "\0";
  const [mode, user, group] = [octal(header, 100, 8), octal(header, 108, 8), octal(header, 116, 8)];
  const attributes = [...pax].filter(([key]) => key.startsWith("SCHILY.xattr."));
  return JSON.stringify([
    isFile ? "0" : type,
    mode,
    pax.get("uid") ?? user,
    pax.get("gid") ?? group,
    pax.get("linkpath") ?? field(header, 157, 100),
    attributes,
    isFile ? createHash("sha256").update(content).digest("hex") : "",
  ]);
}

/** Parses pax records, `size key=value\n` one after another; `size` includes itself. */
function readPax(content: Uint8Array, records: Map<string, string>): void {
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const size = Number(decode(content.subarray(at, space)));
    if (space < 0 || !(size > 0)) break;
    const record = decode(content.subarray(space + 1, at + size - 1));
    const equals = record.indexOf("=");
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at += size;
  }
}

function nameOf(header: Uint8Array): string {
  const [name, prefix] = [field(header, 0, 100), field(header, 345, 155)];
  return prefix === "" || field(header, 257, 5) !== "ustar" ? name : `${prefix}/${name}`;
}

/** Parses a number: octal digits, or, if the first bit is set, base 256, which GNU tar uses for large numbers. */
function octal(header: Uint8Array, start: number, length: number): number {
  const bytes = header.subarray(start, start + length);
  if (((bytes[0] ?? 0) & 0x80) !== 0) return bytes.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
  return Number.parseInt(cut(decode(bytes)).trim() || "0", 8);
}

function field(header: Uint8Array, start: number, length: number): string {
  return cut(decode(header.subarray(start, start + length)));
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

function cut(text: string): string {
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}
