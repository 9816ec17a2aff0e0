import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fieldsOf, textField } from "../formats/json.ts";
import type { StageHome } from "./stage-home.ts";

/** A file that a build sends to BuildKit. */
export interface SentFile {
  /** Name of the context; null: the build context; empty: the folder of the Dockerfile. */
  readonly context: string | null;
  readonly path: string;
  readonly size: number;
  /** Modification time in whole seconds, since some file systems store no fractions. */
  readonly second: number;
  readonly digest: string;
}

/** Record of the files that were sent under one name. */
interface Sent {
  /** Random part of the name, so that no other clone and no lost record has the same name. */
  readonly secret: string;
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Returns the name of the context folder for a build. BuildKit keeps the files it was sent by the folder's name, not its path, and treats a
 * file as unchanged if its path, size and time are the same. A service keeps its name in this clone, so that
 * BuildKit requests only differences. It gets a new name when a file has the path, size and time of an earlier, different one. Two processes
 * cannot use one name without seeing each other's files, because each moves the record away while it uses it. `scratch`: a folder of this
 * process on the same file system.
 */
export function nameToSendUnder(
  { records, boundTo }: StageHome,
  service: string,
  files: readonly SentFile[],
  scratch: string,
): string {
  if (records === undefined) return `context-${shortHash(extend(undefined, files).secret)}`;
  const place = join(records, `${shortHash(service)}.json`);
  const sent = extend(takeRecord(place, join(scratch, "sent-before.json")), files);
  mkdirSync(dirname(place), { recursive: true });
  const written = join(scratch, "sent-after.json");
  writeFileSync(written, JSON.stringify(sent));
  renameSync(written, place);
  return `context-${shortHash(JSON.stringify([sent.secret, ...boundTo]))}`;
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** Moves the record away and reads it. Undefined: there is none, it is unreadable, or another process has moved it. */
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

/** A record is replaced once it holds more than this many times the files of one build. */
const mostStates = 4;

/** Adds a build's files to the record. Starts a new record with a new name if BuildKit would mistake one of them for an earlier file. */
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
