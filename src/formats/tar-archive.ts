import { tarBlock } from "./tar-header.ts";

/** An entry to archive: a file, unless it links or is a folder. */
export interface TarFile {
  /** At most 100 bytes. */
  readonly path: string;
  readonly content?: Uint8Array;
  readonly kind?: "file" | "hard-link" | "symbolic-link" | "folder";
  /** Target of a link. */
  readonly target?: string;
}

/** Renders a tar: every entry of root, without a time. Equal entries give equal bytes. */
export function renderTar(files: readonly TarFile[]): Uint8Array {
  const parts = files.flatMap((file) => {
    const content = file.content ?? new Uint8Array();
    return [tarHeader(file, content.byteLength), content, padding(content.byteLength)];
  });
  // Two empty blocks end an archive.
  return Buffer.concat([...parts, Buffer.alloc(2 * tarBlock)]);
}

const types = { file: "0", "hard-link": "1", "symbolic-link": "2", folder: "5" } as const;

/** POSIX.1-1988, ustar: https://www.gnu.org/software/tar/manual/html_node/Standard.html */
function tarHeader({ path, kind = "file", target = "" }: TarFile, size: number): Uint8Array {
  const header = Buffer.alloc(tarBlock);
  const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, "0")}\0`;
  header.write(path, 0);
  header.write(octal(kind === "folder" ? 0o755 : 0o644, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(size, 12), 124);
  header.write(octal(0, 12), 136);
  header.write(" ".repeat(8), 148);
  header.write(types[kind], 156);
  header.write(target, 157);
  header.write("ustar\u000000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

function padding(size: number): Uint8Array {
  return Buffer.alloc((tarBlock - (size % tarBlock)) % tarBlock);
}
