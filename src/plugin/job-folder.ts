import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { asFields, asList, asText, asTextMap, parseJson } from "../formats/json.ts";
import type { Host } from "../host.ts";
import { type BuildNote, readNote } from "./build-note.ts";

/** Settings of the setup step for the job's builds, in a file of the job's folder. It contains no secret. */
export interface StandInSettings {
  /** Absolute path of Docker's own plugin. */
  readonly real: string;
  /** Time of the setup step: ISO 8601, UTC. */
  readonly since: string;
  /** Inputs of the setup step by name, as written. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Variables of the job that identify its run, because a build under sudo does not have them. */
  readonly env: Readonly<Record<string, string>>;
}

const settingsFile = "settings.json";
const journalFolder = "journal";

/** Writes the settings, replacing those of an earlier step. Other users of the machine cannot read them. */
export async function writeStandInSettings(folder: string, settings: StandInSettings): Promise<void> {
  await mkdir(join(folder, journalFolder), { recursive: true, mode: 0o700 });
  await writeWhole(join(folder, settingsFile), JSON.stringify(settings));
}

/** Reads the settings; undefined: the folder belongs to no job, or its job has ended. */
export async function readStandInSettings(folder: string): Promise<StandInSettings | undefined> {
  const fields = asFields(parseJson(await readFile(join(folder, settingsFile), "utf8").catch(() => "")));
  const real = asText(fields?.["real"]);
  const since = asText(fields?.["since"]);
  const inputs = asTextMap(fields?.["inputs"]);
  const env = asTextMap(fields?.["env"]);
  if (real === undefined || since === undefined || inputs === undefined || env === undefined) return undefined;
  return { real, since, inputs, env };
}

/** Source of the time and the process id in the name of a journal file. */
type Writer = Pick<Host, "now" | "processId">;

/**
 * Adds the builds of one command to the job's journal. Each command writes its own file, because builds run in parallel. Under sudo the file belongs
 * to another user, and the job's user can read it.
 */
export async function addToJournal(writer: Writer, folder: string, notes: readonly BuildNote[]): Promise<void> {
  const name = `${writer.now().replaceAll(":", "-")}-${writer.processId}.json`;
  await writeWhole(join(folder, journalFolder, name), JSON.stringify(notes), 0o644);
}

/** Reads the notes of the journal in the order of time; invalid ones are skipped. */
export async function readJournal(folder: string): Promise<readonly BuildNote[]> {
  const names = (await readdir(join(folder, journalFolder)).catch(() => [])).filter((name) => name.endsWith(".json"));
  const texts = await Promise.all(names.sort().map((name) => readFile(join(folder, journalFolder, name), "utf8")));
  return texts.flatMap((text) => (asList(parseJson(text)) ?? []).flatMap(readNote));
}

async function writeWhole(path: string, text: string, mode = 0o600): Promise<void> {
  await writeFile(`${path}.part`, text, { mode });
  await rename(`${path}.part`, path);
}
