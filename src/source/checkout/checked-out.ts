/**
 * A committed file's bytes as git checks them out under its conversions: `ident`, and `crlf` or `auto-crlf`. Made here and not by
 * git, whose attribute files may say something else by now. `id`: the blob's object id in hex. Source: git, convert.c.
 */
export function checkedOut(blob: Uint8Array, conversions: readonly string[], id: string): Uint8Array {
  let bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);
  if (conversions.includes("ident")) bytes = withIdent(bytes, id);
  if (conversions.includes("crlf") || (conversions.includes("auto-crlf") && isAutoText(bytes))) bytes = withCrlf(bytes);
  return bytes;
}

/** Replaces `$Id$`, and `$Id: x $` that holds only an id, by the blob's id. Keeps another tool's keyword. */
function withIdent(bytes: Buffer, id: string): Buffer {
  const text = bytes.toString("latin1");
  let made = "";
  let done = 0;
  for (let start = text.indexOf("$Id"); start >= 0; start = text.indexOf("$Id", start + 1)) {
    const end = endOfKeyword(text, start + 3);
    if (end === undefined) continue;
    made += `${text.slice(done, start)}$Id: ${id} $`;
    done = end;
    start = end - 1;
  }
  return done === 0 ? bytes : Buffer.from(made + text.slice(done), "latin1");
}

/** The end of the keyword whose `$Id` ends at `at`; undefined: it is not a keyword of git. */
function endOfKeyword(text: string, at: number): number | undefined {
  if (text[at] === "$") return at + 1;
  if (text[at] !== ":") return undefined;
  const dollar = text.indexOf("$", at + 1);
  if (dollar < 0) return undefined;
  const inside = text.slice(at + 1, dollar);
  return inside.includes("\n") || inside.slice(1, -1).includes(" ") ? undefined : dollar + 1;
}

const [lf, cr, del, eof] = [0x0a, 0x0d, 0x7f, 0x1a];
/** Backspace, tab, form feed, escape. */
const printableControls: ReadonlySet<number> = new Set([0x08, 0x09, 0x0c, 0x1b]);

/** Whether git takes the bytes for text whose line ends it may convert: with LF alone, and not binary. */
function isAutoText(bytes: Buffer): boolean {
  let [printable, unprintable] = [0, 0];
  for (const byte of bytes) {
    if (byte === cr || byte === 0) return false;
    if (byte === lf) continue;
    if (byte === del || (byte < 32 && !printableControls.has(byte))) unprintable += 1;
    else printable += 1;
  }
  if (bytes.at(-1) === eof) unprintable -= 1;
  return Math.floor(printable / 128) >= unprintable;
}

/** Every LF that no CR stands before gets one. */
function withCrlf(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString("latin1").replace(/(?<!\r)\n/g, "\r\n"), "latin1");
}
