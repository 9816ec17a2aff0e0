import { hasKind, SlipwayError } from "../errors.ts";
import type { Emit } from "../event.ts";
import type { ReadRun } from "../github/run.ts";
import type { Host } from "../host.ts";
import type { Digest } from "../model/digest.ts";
import { newestArtifacts, partArtifactName, planArtifactName } from "../core/jobs/artifact-names.ts";
import type { MatrixEntry, Part, RunPlan } from "../core/planning/parts.ts";
import { type ArtifactStore, makeArtifactStore, type ReadArtifact, type StoredArtifact } from "./artifacts.ts";
import { fieldsOf } from "../formats/json.ts";

/** Data that the jobs of this run pass to each other. */
export interface Handover {
  /** Stores the plan. Returns the digest of its bytes, which the workflow passes to the other jobs as an output of the planning job. */
  putPlan(plan: RunPlan): Promise<Digest>;
  putPart(part: Part): Promise<void>;
  /**
   * Reads the plan of the newest attempt that made one; undefined: it no longer exists. Throws `refused` if the bytes do not have this digest; an
   * undefined `digest` accepts any plan.
   */
  getPlan(digest: Digest | undefined): Promise<RunPlan | undefined>;
  /** Reads the newest part of each entry; entries without a part are left out. */
  getParts(entries: readonly MatrixEntry[]): Promise<readonly Part[]>;
}

/** Job with its run. */
interface JobOfRun {
  readonly host: Host;
  readonly run: ReadRun;
}

/** Opens the handover by artifacts of the run. Each attempt adds its own, and a re-run of failed jobs finds those of earlier attempts. */
export function openHandover({ host, run }: JobOfRun): Handover {
  const store = makeArtifactStore(host, run);
  const { attempt } = run.ci;
  let listed: Promise<readonly StoredArtifact[]> | undefined;
  const list = (): Promise<readonly StoredArtifact[]> => (listed ??= store.list());
  return {
    putPlan: (plan) => store.put(planArtifactName(attempt), plan),
    putPart: async (part) => {
      await store.put(partArtifactName(part, attempt), part);
    },
    getPlan: async (digest) => {
      const name = newestArtifacts(namesOf(await list()), [], attempt).plan;
      if (name === undefined) return undefined;
      const found = await read(store, await list(), name);
      if (digest !== undefined && digest !== found.digest) throw anotherPlan(name, found.digest, digest);
      return found.value as RunPlan;
    },
    getParts: async (entries) => {
      if (entries.length === 0) return [];
      const artifacts = await list();
      const names = newestArtifacts(namesOf(artifacts), entries, attempt).parts;
      return Promise.all(names.map(async (name) => (await read(store, artifacts, name)).value as Part));
    },
  };
}

/** Plan and parts that the other jobs of the run stored. */
export interface HandedOver {
  /** Plan of the run; undefined: it no longer exists. */
  readonly runPlan: RunPlan | undefined;
  readonly parts: readonly Part[];
}

/**
 * Reads the plan and the parts for the releasing job. If the store does not answer, warns and returns nothing. Warns if a workflow of an earlier
 * version passes no digest; only one job releases, so this warning appears once a run. Throws `refused` for a plan with another digest.
 */
export async function readHandedOver(
  job: JobOfRun & { readonly emit: Emit },
  planDigest: Digest | undefined,
): Promise<HandedOver> {
  try {
    const handover = openHandover(job);
    const runPlan = await handover.getPlan(planDigest);
    if (planDigest === undefined && runPlan !== undefined) job.emit({ kind: "warning", message: noDigest });
    return { runPlan, parts: await handover.getParts(runPlan?.matrices.flat() ?? []) };
  } catch (error) {
    if (!hasKind(error, "artifacts-unavailable")) throw error;
    job.emit({ kind: "warning", message: error.message });
    return { runPlan: undefined, parts: [] };
  }
}

const noDigest =
  'the workflow gives this job no "plan-digest", so that it cannot tell whether another job of the run replaced the plan: ' +
  "`npx slipway init` makes the workflow anew";

function anotherPlan(name: string, found: Digest, expected: Digest): SlipwayError {
  const message = `reading the artifact ${name}: its digest is ${found}, and the job that planned stored ${expected}`;
  return new SlipwayError("plan-replaced", message, {
    hint: "another job of this run replaced the plan: find out which one writes artifacts, then re-run all jobs",
  });
}

function namesOf(artifacts: readonly StoredArtifact[]): string[] {
  return artifacts.map(({ name }) => name);
}

/** Reads an artifact of another job. It may have another format, because a job that is run again later may use another version of the action. */
async function read(store: ArtifactStore, artifacts: readonly StoredArtifact[], name: string): Promise<ReadArtifact> {
  const artifact = artifacts.find((each) => each.name === name);
  if (artifact === undefined) throw new Error(`the artifact ${name} was listed and is not there`);
  const found = await store.get(artifact);
  if (fieldsOf(found.value)["version"] === 1) return found;
  throw new SlipwayError(
    "artifacts-unavailable",
    `reading the artifact ${name}: it is of another version of the action`,
    {
      hint: "re-run all jobs: they write it anew",
    },
  );
}
