import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fieldsOf, textField } from "../formats/json.ts";
import type { Repository } from "../source/git/repository.ts";

/** A file that a build hands to BuildKit. */
export interface SentFile {
  /** Null: the build context. Empty: the folder of the Dockerfile. */
  readonly context: string | null;
  readonly path: string;
  readonly size: number;
  /** The time of its last change, whole seconds; some file systems know no others. */
  readonly second: number;
  readonly digest: string;
}

/** The files that were sent under one name: the digest of each by context, path, size and time. */
interface Sent {
  /** Random, so that no other clone and no lost record has the same name. */
  readonly secret: string;
  readonly files: Readonly<Record<string, string>>;
}

/**
 * The name of the folder to hand to BuildKit, which keeps what it was sent under that name alone, whatever the path, and takes a
 * file for unchanged when path, size and time are the same. A service keeps its name in this clone, so that BuildKit asks for
 * differences only, until a file comes with the path, size and time of another one that was sent under it: then it gets a new
 * one. Two processes never send under one name without knowing of each other: the record is moved away while it is written.
 * `scratch`: a folder of this process's own, on the same file system.
 */
export function nameToSendUnder(
  repository: Repository,
  service: string,
  files: readonly SentFile[],
  scratch: string,
): string {
  const place = join(repository.gitFolder, "slipway", "sent", `${shortHash(service)}.json`);
  const sent = extend(takeRecord(place, join(scratch, "sent-before.json")), files);
  mkdirSync(dirname(place), { recursive: true });
  const written = join(scratch, "sent-after.json");
  writeFileSync(written, JSON.stringify(sent));
  renameSync(written, place);
  // A copy of the clone has the record too, and must not have the name.
  const clone = [repository.root, String(statSync(repository.gitFolder).ino)];
  return `context-${shortHash(JSON.stringify([sent.secret, ...clone]))}`;
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** Takes the record away. Undefined when there is none, it is unreadable, or another process has taken it. */
function takeRecord(place: string, to: string): Sent | undefined {
  try {
    renameSync(place, to);
    const fields = fieldsOf(JSON.parse(readFileSync(to, "utf8")));
    const files = fieldsOf(fields["files"]);
    const secret = textField(fields, "secret");
    if (secret === "") return undefined;
    return { secret, files: Object.fromEntries(Object.keys(files).map((key) => [key, textField(files, key)])) };
  } catch {
    return undefined;
  }
}

/** A record is begun anew when it holds more than this many times the files of one build. */
const mostStates = 4;

/** Adds a build's files to the record. Begins a new record, with a new name, when BuildKit would mistake one of them for an earlier file. */
export function extend(before: Sent | undefined, files: readonly SentFile[]): Sent {
  const entries = files.map(({ context, path, size, second, digest }): [string, string] => [
    JSON.stringify([context, path, size, second]),
    digest,
  ]);
  const known = new Map(Object.entries(before?.files ?? {}));
  const isMistaken = entries.some(([key, digest]) => (known.get(key) ?? digest) !== digest);
  const isFull = known.size > mostStates * files.length + 1000;
  if (before === undefined || isMistaken || isFull) {
    return { secret: randomBytes(16).toString("hex"), files: Object.fromEntries(entries) };
  }
  for (const [key, digest] of entries) known.set(key, digest);
  return { secret: before.secret, files: Object.fromEntries(known) };
}
