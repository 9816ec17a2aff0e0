import { createHash } from "node:crypto";
import { readLongName, readPaxRecords, readTarHeader, tarBlock, type TarHeader } from "../formats/tar-header.ts";

/**
 * Reads a layer's entries by path: kind, mode, owner, link, extended attributes and the content's digest, without times. Source:
 * POSIX.1-2001, pax.
 */
export function readLayerFiles(tar: Uint8Array): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  let next = new Map<string, string>();
  for (let at = 0; at + tarBlock <= tar.length;) {
    const block = tar.subarray(at, at + tarBlock);
    if (block.every((byte) => byte === 0)) break;
    const header = readTarHeader(block);
    const size = Number(next.get("size") ?? header.size);
    // A negative size would move backwards and never end.
    if (!(size >= 0)) break;
    const content = tar.subarray(at + tarBlock, at + tarBlock + size);
    at += tarBlock + Math.ceil(size / tarBlock) * tarBlock;
    // GNU's long names and pax records apply to the next entry.
    if (header.type === "L") next.set("path", readLongName(content));
    else if (header.type === "K") next.set("linkpath", readLongName(content));
    else if (header.type === "x") readPaxRecords(content, next);
    else if (header.type !== "g") {
      const path = (next.get("path") ?? header.name).replace(/^\.\//, "").replace(/\/$/, "");
      files.set(path, describe(header, next, content));
      next = new Map();
    }
  }
  return files;
}

function describe(header: TarHeader, pax: ReadonlyMap<string, string>, content: Uint8Array): string {
  const { type, mode, user, group, linkName } = header;
  const isFile = type === "0" || type === "\0";
  const attributes = [...pax].filter(([key]) => key.startsWith("SCHILY.xattr."));
  return JSON.stringify([
    isFile ? "0" : type,
    mode,
    pax.get("uid") ?? user,
    pax.get("gid") ?? group,
    pax.get("linkpath") ?? linkName,
    attributes,
    isFile ? createHash("sha256").update(content).digest("hex") : "",
  ]);
}
