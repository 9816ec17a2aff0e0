import { isTarHeader, readLongName, readPaxRecords, readTarHeader, tarBlock } from "../formats/tar-header.ts";

/** An entry of a layer's tar. */
export interface TarEntry {
  /** Folders from the root, then the name; bytes as Latin-1. */
  readonly path: readonly string[];
  readonly kind: "file" | "folder" | "hard-link" | "other";
  /** Bytes of a file's content; 0 for all else. */
  readonly size: number;
  /** Path of a hard link's target, in the form of `path`. */
  readonly target: readonly string[] | undefined;
}

/** Bytes that are no tar, or end before their last entry does. */
export class TarFault extends Error {
  override readonly name = "TarFault";
}

/** Size limits of what describes an entry, in bytes; a path of Linux has 4,096. */
const mostRecordBytes = 1024 * 1024;
const mostPathLength = 4096;

/**
 * Reads the entries of a tar that arrives in chunks. Skips contents, so it holds no more than one header and its pax records, however large the
 * tar is.
 */
export class TarEntries {
  private readonly header = new Uint8Array(tarBlock);
  private filled = 0;
  /** Bytes of content and padding that are still to be skipped. */
  private skipping = 0;
  private record: { readonly type: string; readonly bytes: Uint8Array; filled: number } | undefined;
  private next = new Map<string, string>();
  private isEnded = false;
  private position = 0;

  /** Reads on; returns the entries whose headers are complete now. Throws `TarFault`. */
  push(chunk: Uint8Array): TarEntry[] {
    const entries: TarEntry[] = [];
    for (let at = 0; at < chunk.length && !this.isEnded;) {
      const taken = this.take(chunk.subarray(at));
      at += taken;
      this.position += taken;
      if (this.filled === tarBlock) {
        this.filled = 0;
        const entry = this.readHeader();
        if (entry !== undefined) entries.push(entry);
      }
    }
    return entries;
  }

  /** Checks that the last entry was whole. Throws `TarFault`. */
  end(): void {
    if (this.isEnded) return;
    if (this.filled > 0 || this.skipping > 0) throw new TarFault(`it ends within an entry, at byte ${this.position}`);
    if (this.position === 0) throw new TarFault("it is empty");
  }

  /** Takes the bytes that belong to what is being read; returns their number. */
  private take(chunk: Uint8Array): number {
    if (this.skipping === 0) {
      const part = chunk.subarray(0, tarBlock - this.filled);
      this.header.set(part, this.filled);
      this.filled += part.length;
      return part.length;
    }
    const part = chunk.subarray(0, this.skipping);
    this.skipping -= part.length;
    const { record } = this;
    if (record === undefined) return part.length;
    const own = part.subarray(0, record.bytes.length - record.filled);
    record.bytes.set(own, record.filled);
    record.filled += own.length;
    if (this.skipping === 0) this.readRecord(record);
    return part.length;
  }

  private readRecord({ type, bytes }: { readonly type: string; readonly bytes: Uint8Array }): void {
    if (type === "L") this.next.set("path", readLongName(bytes));
    else if (type === "K") this.next.set("linkpath", readLongName(bytes));
    else readPaxRecords(bytes, this.next);
    this.record = undefined;
  }

  private readHeader(): TarEntry | undefined {
    if (this.header.every((byte) => byte === 0)) {
      this.isEnded = true;
      return undefined;
    }
    const start = this.position - tarBlock;
    if (!isTarHeader(this.header)) throw new TarFault(`at byte ${start} there is no header of a tar`);
    const header = readTarHeader(this.header);
    const size = Number(this.next.get("size") ?? header.size);
    if (!(size >= 0) || !Number.isSafeInteger(size)) throw new TarFault(`at byte ${start} an entry has no valid size`);
    const { type } = header;
    const isLink = type === "1" || type === "2";
    // Links and folders have no content, whatever size their header states.
    const content = isLink || (type >= "3" && type <= "6") ? 0 : size;
    this.skipping = Math.ceil(content / tarBlock) * tarBlock;
    if (type === "x" || type === "L" || type === "K") {
      if (size > mostRecordBytes) throw new TarFault(`at byte ${start} the name of an entry has ${size} bytes`);
      this.record = { type, bytes: new Uint8Array(size), filled: 0 };
      if (size === 0) this.readRecord(this.record);
      return undefined;
    }
    if (type === "g") return undefined;
    const path = this.next.get("path") ?? header.name;
    const target = this.next.get("linkpath") ?? header.linkName;
    this.next = new Map();
    if (path.length > mostPathLength) throw new TarFault(`at byte ${start} a path has ${path.length} bytes`);
    return {
      path: splitPath(path),
      kind: kindOf(type),
      size: kindOf(type) === "file" ? content : 0,
      target: type === "1" && target.length <= mostPathLength ? splitPath(target) : undefined,
    };
  }
}

function kindOf(type: string): TarEntry["kind"] {
  if (type === "0" || type === "\0" || type === "7" || type === "S") return "file";
  if (type === "5") return "folder";
  return type === "1" ? "hard-link" : "other";
}

/** Parts of a path from the root. `..` leads no further up than the root. */
function splitPath(path: string): string[] {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts;
}
