import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { asFields, asList, asText, asTextMap, parseJson } from "../formats/json.ts";
import type { Host } from "../host.ts";
import { type BuildNote, readNote } from "./build-note.ts";

/** What a job's builds need to know of the step that put the stand-in there: a file of the job's folder. Holds no secret. */
export interface StandInSettings {
  /** Docker's own plugin; an absolute path. */
  readonly real: string;
  /** When the step ran: ISO 8601, UTC. */
  readonly since: string;
  /** The step's inputs by name, as they were given. */
  readonly inputs: Readonly<Record<string, string>>;
  /** The job's variables that say which run it is of: a build under sudo does not have them. */
  readonly env: Readonly<Record<string, string>>;
}

const settingsFile = "settings.json";
const journalFolder = "journal";

/** Writes the settings, in place of those of an earlier step. Other users of the machine cannot read them. */
export async function writeStandInSettings(folder: string, settings: StandInSettings): Promise<void> {
  await mkdir(join(folder, journalFolder), { recursive: true, mode: 0o700 });
  await writeWhole(join(folder, settingsFile), JSON.stringify(settings));
}

/** Undefined: the folder is of no job, or its job has ended. */
export async function readStandInSettings(folder: string): Promise<StandInSettings | undefined> {
  const fields = asFields(parseJson(await readFile(join(folder, settingsFile), "utf8").catch(() => "")));
  const real = asText(fields?.["real"]);
  const since = asText(fields?.["since"]);
  const inputs = asTextMap(fields?.["inputs"]);
  const env = asTextMap(fields?.["env"]);
  if (real === undefined || since === undefined || inputs === undefined || env === undefined) return undefined;
  return { real, since, inputs, env };
}

/** Whose time and number a file of the journal is named by. */
type Writer = Pick<Host, "now" | "processId">;

/**
 * Adds what one command did to the job's journal: a file each, since builds run side by side. Under sudo it belongs to another user, and
 * the job's own still reads it.
 */
export async function addToJournal(writer: Writer, folder: string, notes: readonly BuildNote[]): Promise<void> {
  const name = `${writer.now().replaceAll(":", "-")}-${writer.processId}.json`;
  await writeWhole(join(folder, journalFolder, name), JSON.stringify(notes), 0o644);
}

/** The notes in the order of their time; what is none is left out. */
export async function readJournal(folder: string): Promise<readonly BuildNote[]> {
  const names = (await readdir(join(folder, journalFolder)).catch(() => [])).filter((name) => name.endsWith(".json"));
  const texts = await Promise.all(names.sort().map((name) => readFile(join(folder, journalFolder, name), "utf8")));
  return texts.flatMap((text) => (asList(parseJson(text)) ?? []).flatMap(readNote));
}

async function writeWhole(path: string, text: string, mode = 0o600): Promise<void> {
  await writeFile(`${path}.part`, text, { mode });
  await rename(`${path}.part`, path);
}
