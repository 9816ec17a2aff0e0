import type { ReleaseDocument } from "../../model/documents.ts";
import type { Platform } from "../../model/platform.ts";
import { buildPart } from "../jobs/build-part.ts";
import type { MatrixEntry, Part, RunPlan } from "../planning/parts.ts";
import { planRun, type RunRequest } from "../jobs/plan-run.ts";
import { type PartsReleaseRequest, releaseParts } from "../jobs/release-parts.ts";
import { openWorkspace } from "../workspace/workspace.ts";
import type { Shop } from "./shop.ts";

type Asked = Partial<RunRequest["asked"]>;

/** The jobs of one workflow run. Values between jobs go through JSON, as in artifacts. */
export interface Jobs {
  plan(request?: Partial<Omit<RunRequest, "asked">> & { readonly asked?: Asked }): Promise<RunPlan>;
  build(runPlan: RunPlan, entry: MatrixEntry, parts?: readonly Part[]): Promise<Part>;
  /** Builds all entries of all matrices, one matrix after the other. */
  buildAll(runPlan: RunPlan): Promise<Part[]>;
  release(
    runPlan: RunPlan | undefined,
    parts: readonly Part[],
    request?: Partial<PartsReleaseRequest>,
  ): Promise<ReleaseDocument>;
}

/** Makes the jobs of one run: each has its own host, in the same working copy. */
export function makeJobs(world: Shop): Jobs {
  const open = () => openWorkspace(world.host(), {}, (event) => void world.events.push(event));
  const build: Jobs["build"] = async (runPlan, { service, platform }, parts = []) =>
    viaJson(await buildPart(await open(), { service, platform, runPlan, parts, cache: undefined, builder: undefined }));
  return {
    plan: async ({ asked, ...request } = {}) =>
      viaJson(
        await planRun(await open(), {
          releases: true,
          force: [],
          matrixJobs: [1, 1],
          ...request,
          asked: { version: null, branch: null, group: null, only: [], ...asked },
        }),
      ),
    build,
    buildAll: async (runPlan) => {
      const parts: Part[] = [];
      for (const matrix of runPlan.matrices) {
        parts.push(...(await Promise.all(matrix.map((entry) => build(runPlan, entry, [...parts])))));
      }
      return parts;
    },
    release: async (runPlan, parts, request = {}) =>
      releaseParts(await open(), {
        version: undefined,
        versionFrom: undefined,
        branch: undefined,
        group: undefined,
        only: [],
        force: [],
        allowDirty: false,
        githubRelease: false,
        ...request,
        runPlan,
        parts,
      }),
  };
}

function viaJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** Finds a matrix entry by its text, such as `api linux/amd64`. */
export function entryOf(runPlan: RunPlan, words: string): { service: string; platform: Platform } {
  const found = runPlan.matrices.flat().find(({ service, platform }) => `${service} ${platform}` === words);
  if (found === undefined) throw new Error(`"${words}" is in no matrix`);
  return found;
}
