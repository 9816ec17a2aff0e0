import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, posix, resolve } from "node:path";
import { SlipwayError } from "../../errors.ts";
import type { Host } from "../../host.ts";
import type { InitDocument } from "../../model/init-document.ts";
import type { Publisher } from "../../publishers/publisher.ts";
import { findPublishers } from "./find-publishers.ts";
import type { Change } from "./init-document.ts";
import { planInPlaceInit } from "./init-in-place.ts";
import { planNewWorkflow } from "./init-new-workflow.ts";
import { readSources } from "./init-read.ts";
import type { InitSettings } from "./init-settings.ts";

/** Files that `slipway init` would write. `write` writes them. */
export interface InitPlan {
  readonly document: InitDocument;
  /** Refusal unless a person agrees: other images would be published than before. */
  readonly difference: SlipwayError | undefined;
  readonly write: () => Promise<void>;
}

/**
 * Reads the repository and decides which files to write. Throws `refused` for publishers that would keep publishing beside the new
 * workflow, and `configuration` with every line of a hand-made workflow that the generated one cannot do, unless forced.
 */
export async function planInit(host: Host, options: InitSettings): Promise<InitPlan> {
  const sources = await readSources(host, resolve(host.cwd, options.repo ?? "."));
  const found = await findPublishers(sources);
  const publishers = choosePublishers(found.publishers, options.workflow);
  const given = { sources, found, publishers };
  const write = (changes: readonly Change[]) => () => writeAll(sources.repository.root, changes);
  if (publishers.length === 0 || options.convert || options.beside || options.shadow) {
    const { document, difference, changes } = await planNewWorkflow(host, given, options);
    return { document, difference, write: write(changes) };
  }
  checkInPlace(options);
  const { document, changes } = await planInPlaceInit(host, given, options);
  return { document, difference: undefined, write: write(changes) };
}

function choosePublishers(all: readonly Publisher[], workflow: string | undefined): readonly Publisher[] {
  if (workflow === undefined) return all;
  const path = posix.normalize(workflow.includes("/") ? workflow : `.github/workflows/${workflow}`);
  const chosen = all.filter((each) => each.workflow === path);
  if (chosen.length > 0) return chosen;
  const known = [...new Set(all.map((each) => each.workflow))].join(", ");
  const called = [...new Set(all.filter(({ place }) => place.file === path).map((each) => each.workflow))];
  if (called.length > 0) {
    throw new SlipwayError("option-invalid", `--workflow ${workflow}: ${path} is called by ${called.join(", ")}`, {
      hint: `name that one: --workflow ${called[0] ?? ""}`,
    });
  }
  throw new SlipwayError("option-invalid", `--workflow ${workflow}: nothing in ${path} publishes images`, {
    hint: known === "" ? "no workflow of this repository does" : `these do: ${known}`,
  });
}

/** Refuses options about the new workflow where none is written. */
function checkInPlace(options: InitSettings): void {
  const given = [
    ...(options.jobs === undefined ? [] : ["--jobs"]),
    ...(options.guides ? ["--guides"] : []),
    ...(options.semanticRelease ? ["--semantic-release"] : []),
    ...(Object.keys(options.runners).length === 0 ? [] : ["--runner"]),
    ...(options.maxJobs === undefined ? [] : ["--max-jobs"]),
  ];
  if (given.length === 0) return;
  throw new SlipwayError(
    "options-conflict",
    `${given.join(", ")}: init writes no workflow, since this repository publishes from one already`,
    { hint: "--convert replaces the whole workflow; without these options, init changes its building lines" },
  );
}

async function writeAll(root: string, changes: readonly Change[]): Promise<void> {
  for (const { path, before, after } of changes) {
    if (before === after) continue;
    const place = join(root, path);
    if (after === null) await rm(place);
    else {
      await mkdir(dirname(place), { recursive: true });
      await writeFile(place, after);
    }
  }
}
