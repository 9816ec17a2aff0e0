import { SlipwayError } from "../errors.ts";
import type { Emit } from "../event.ts";
import type { Host } from "../host.ts";
import { newestArtifacts, partArtifactName, planArtifactName } from "../pipeline/artifact-names.ts";
import type { MatrixEntry, Part, RunPlan } from "../pipeline/parts.ts";
import { type ArtifactStore, makeArtifactStore, type StoredArtifact } from "./artifacts.ts";
import { asFields } from "../model/fields.ts";

/** What the jobs of this run hand to each other. */
export interface Handover {
  putPlan(plan: RunPlan): Promise<void>;
  putPart(part: Part): Promise<void>;
  /** The plan of the newest attempt that made one; undefined: it is gone. */
  getPlan(): Promise<RunPlan | undefined>;
  /** The newest part of each of these entries that has one. */
  getParts(entries: readonly MatrixEntry[]): Promise<readonly Part[]>;
}

/** By artifacts of the run: each attempt adds its own, and a re-run of failed jobs finds those of the attempts before. */
export function openHandover(host: Host): Handover {
  const store = makeArtifactStore(host);
  const attempt = Number(host.env["GITHUB_RUN_ATTEMPT"] ?? "1") || 1;
  let listed: Promise<readonly StoredArtifact[]> | undefined;
  const list = (): Promise<readonly StoredArtifact[]> => (listed ??= store.list());
  return {
    putPlan: (plan) => store.put(planArtifactName(attempt), plan),
    putPart: (part) => store.put(partArtifactName(part, attempt), part),
    getPlan: async () => {
      const found = newestArtifacts(namesOf(await list()), [], attempt).plan;
      return found === undefined ? undefined : ((await read(store, await list(), found)) as RunPlan);
    },
    getParts: async (entries) => {
      if (entries.length === 0) return [];
      const artifacts = await list();
      const names = newestArtifacts(namesOf(artifacts), entries, attempt).parts;
      return Promise.all(names.map(async (name) => (await read(store, artifacts, name)) as Part));
    },
  };
}

/** What all jobs of the run left. */
export interface HandedOver {
  /** Undefined: it is gone. */
  readonly runPlan: RunPlan | undefined;
  readonly parts: readonly Part[];
}

/** A warning tells when the store does not answer, and then there is nothing. */
export async function readHandedOver({
  host,
  emit,
}: {
  readonly host: Host;
  readonly emit: Emit;
}): Promise<HandedOver> {
  try {
    const handover = openHandover(host);
    const runPlan = await handover.getPlan();
    return { runPlan, parts: await handover.getParts(runPlan?.matrices.flat() ?? []) };
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.code !== "unavailable") throw error;
    emit({ kind: "warning", message: error.message });
    return { runPlan: undefined, parts: [] };
  }
}

function namesOf(artifacts: readonly StoredArtifact[]): string[] {
  return artifacts.map(({ name }) => name);
}

/** What another job of the same run wrote; a job that is run again later may be of another version of the action. */
async function read(store: ArtifactStore, artifacts: readonly StoredArtifact[], name: string): Promise<unknown> {
  const artifact = artifacts.find((each) => each.name === name);
  if (artifact === undefined) throw new Error(`the artifact ${name} was listed and is not there`);
  const value = await store.get(artifact);
  if (asFields(value)["version"] === 1) return value;
  throw new SlipwayError("unavailable", `reading the artifact ${name}: it is of another version of the action`, {
    hint: "re-run all jobs: they write it anew",
  });
}
