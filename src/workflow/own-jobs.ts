import { matrixOutput } from "./action-contract.ts";
import type { WorkflowFacts } from "./facts.ts";
import type { OwnJob } from "./model.ts";
import { contents, extraPermissions, identity, packages, releasePermissions } from "./permissions.ts";
import { bothConditions, hasPreviews, isOpen, isOpenOrOwn, mayComment, previewCondition } from "./preview-job.ts";
import { actionStep, checkoutStep, planDigest, planDigestIfPlanned, requestedInputs, textSteps } from "./own-steps.ts";
import { planRounds } from "./rounds.ts";
import { hasInput, inputOf, releaseInputsOf } from "./workflow-inputs.ts";
import { emulatedPlatforms, lightRunner, runnerMap, runnerOf } from "./runners.ts";

/** Makes the job that plans. */
export function planJob(facts: WorkflowFacts): OwnJob {
  const rounds = planRounds(facts.services);
  const matrixJobs = rounds.map(({ matrixJobs }) => matrixJobs);
  const total = matrixJobs.reduce((sum, count) => sum + count, 0);
  const outputs = Array.from({ length: total }, (_, index) => matrixOutput(index + 1));
  return {
    kind: "own",
    id: "plan",
    name: "plan",
    comments: [
      "Fetches git's trees and the few files that decide what is built; needs no Docker.",
      "A newer run of the same ref makes this one pointless.",
    ],
    ...gate(facts, isOpen),
    runsOn: lightRunner(facts),
    timeoutMinutes: 10,
    environment: usesSecrets(facts, "registries") ? facts.adopted?.environment : undefined,
    permissions: withLogins(facts, [
      contents("read", "to read the repository"),
      ...packages(facts, "read", "to see what is published"),
      ...identity(facts, "to decide that the run signs; it asks for no token"),
    ]),
    concurrency: { group: "slipway-plan-${{ github.ref }}", cancelInProgress: true },
    matrix: undefined,
    outputs: Object.fromEntries(
      [...outputs, ...(facts.shadow ? [] : ["release"]), "plan-digest"].map((name) => [
        name,
        `\${{ steps.plan.outputs.${name} }}`,
      ]),
    ),
    steps: [
      ...textSteps(facts, "logins"),
      actionStep(facts, "plan", "Plan", {
        command: "plan",
        ...requestedInputs(facts),
        ...(total === 1 ? {} : { "matrix-jobs": matrixJobs.join(" ") }),
        runners: JSON.stringify(runnerMap(facts)),
      }),
    ],
  };
}

/** Makes the build jobs: one for each round of services that wait for each other, and more if a matrix would be too large. */
export function buildJobs(facts: WorkflowFacts): OwnJob[] {
  const emulated = emulatedPlatforms(facts);
  const jobs: OwnJob[] = [];
  let before: readonly string[] = [];
  for (const { matrixJobs } of planRounds(facts.services)) {
    const round = Array.from({ length: matrixJobs }, () => {
      const index = jobs.length + 1;
      const job = buildJob(facts, index, before, emulated);
      jobs.push(job);
      return job.id;
    });
    before = [...before, ...round];
  }
  return jobs;
}

function buildJob(facts: WorkflowFacts, index: number, before: readonly string[], emulated: readonly string[]): OwnJob {
  const output = `needs.plan.outputs.${matrixOutput(index)}`;
  const waits = before.length > 0;
  return {
    kind: "own",
    id: index === 1 ? "build" : `build-${index}`,
    name: "build ${{ matrix.service }} (${{ matrix.platform }})",
    comments: [
      index === 1
        ? "One job for each service and platform that changed; none when nothing did. It checks out the files its service reads."
        : waits
          ? "Services that are built from images of the jobs before. One that failed there fails its dependants here, and no other."
          : "As above: GitHub makes at most 256 jobs from one matrix.",
      ...(emulated.length > 0 && index === 1
        ? [`No runner has ${emulated.join(", ")} itself: emulated, and slow.`]
        : []),
    ],
    needs: ["plan", ...before],
    condition: waits
      ? `\${{ !cancelled() && needs.plan.result == 'success' && ${output} != '[]' }}`
      : `\${{ ${output} != '[]' }}`,
    runsOn: "${{ matrix.runner }}",
    timeoutMinutes: facts.adopted?.timeoutMinutes ?? 60,
    environment: usesSecrets(facts, "all") ? facts.adopted?.environment : undefined,
    permissions: [
      contents("read", "to read the repository"),
      ...packages(
        facts,
        "write",
        `to push by digest; pull requests push ${hasPreviews(facts) ? "previews alone" : "nothing"}`,
      ),
      ...identity(facts, "to sign what it built"),
      ...extraPermissions(facts).filter(({ scope }) => !facts.signsKeyless || scope !== "id-token"),
    ],
    concurrency: {
      group: "slipway-build-${{ github.ref }}-${{ matrix.service }}-${{ matrix.platform }}",
      cancelInProgress: true,
    },
    // A runner may evaluate the matrix of a job that it skips. If `plan` failed or was skipped, there is no output, so an empty list is used.
    matrix: {
      include: `\${{ fromJSON(needs.plan.result == 'success' && ${output} || '[]') }}`,
      atOnce: facts.runners.atOnce,
    },
    outputs: {},
    steps: [
      ...textSteps(facts, "logins"),
      actionStep(facts, undefined, "Build", {
        command: "build",
        jobs: "matrix",
        services: "${{ matrix.service }}",
        platform: "${{ matrix.platform }}",
        ...planDigest,
        ...(facts.shadow ? { shadow: "true" } : inputOf(facts, "force")),
      }),
    ],
  };
}

/** Makes the job that commits the release and then moves the tags. */
export function releaseJob(facts: WorkflowFacts, builds: readonly string[]): OwnJob {
  return {
    kind: "own",
    id: "release",
    name: "release",
    comments: [
      "Runs when every build is done, also when nothing had to be built; needs no Docker.",
      "Never cancelled. Runs of one commit wait for each other; releases of different commits need not: what a tag points",
      "to follows from the registry's records, whoever comes last. A group for all would let GitHub drop a waiting release.",
    ],
    needs: ["plan", ...builds],
    condition: whenBuilt(builds),
    runsOn: lightRunner(facts),
    timeoutMinutes: 15,
    environment: facts.adopted?.environment,
    permissions: withLogins(facts, releasePermissions(facts)),
    concurrency: { group: "slipway-release-${{ github.ref }}-${{ github.sha }}", cancelInProgress: false },
    matrix: undefined,
    outputs: releaseOutputs("release"),
    steps: [
      ...textSteps(facts, "logins"),
      actionStep(facts, "release", "Release", {
        command: "release",
        jobs: "matrix",
        ...planDigest,
        ...releaseInputsOf(facts),
      }),
    ],
  };
}

/** Returns the condition of a releasing job: no build failed, and the run is to be released. */
export function whenBuilt(builds: readonly string[]): string {
  const builtOrReused = builds.map((id) => `contains(fromJSON('["success", "skipped"]'), needs.${id}.result)`);
  const isReleased = ["!cancelled()", "needs.plan.result == 'success'", "needs.plan.outputs.release == 'true'"];
  return `\${{ ${[...isReleased, ...builtOrReused].join(" && ")} }}`;
}

/** Makes the job that tags a pull request's images and comments on it; if the pull request is closed, it deletes them. */
export function previewJob(facts: WorkflowFacts, builds: readonly string[]): OwnJob {
  return {
    kind: "own",
    id: "preview",
    name: "preview",
    comments: [
      "Tags the images of a pull request of this repository, and comments on it; deletes them when it is closed.",
      "No code of the pull request runs here: only this job may write comments.",
    ],
    needs: ["plan", ...builds],
    condition: previewCondition(builds),
    runsOn: lightRunner(facts),
    timeoutMinutes: 15,
    environment: undefined,
    permissions: [
      contents("read", "to read the repository"),
      ...packages(facts, "write", "to tag and delete previews"),
      mayComment,
    ],
    concurrency: { group: "slipway-preview-${{ github.event.number }}", cancelInProgress: true },
    matrix: undefined,
    outputs: {},
    steps: [
      ...textSteps(facts, "logins"),
      actionStep(facts, "preview", "Preview", { command: "release", jobs: "matrix", ...planDigestIfPlanned }),
    ],
  };
}

/** Makes the job that plans, builds and releases. */
export function singleJob(facts: WorkflowFacts): OwnJob {
  const [platform = "linux/amd64"] = facts.services.flatMap(({ platforms }) => platforms);
  const before = textSteps(facts, "before");
  const granted = [...releasePermissions(facts), ...(hasPreviews(facts) ? [mayComment] : [])];
  const isOwn = (scope: string): boolean => granted.some((each) => each.scope === scope);
  return {
    kind: "own",
    id: "release",
    name: "build and release",
    comments: [
      "Plans, builds what changed, and, when everything is built, commits the release and moves the tags.",
      "A newer run of a pull request cancels this one; what may be releasing is never cancelled, newer runs wait.",
    ],
    ...gate(facts, isOpenOrOwn),
    runsOn: runnerOf(facts, platform),
    timeoutMinutes: facts.adopted?.timeoutMinutes ?? 60,
    environment: facts.adopted?.environment,
    ...(before.length === 0 ? {} : { env: facts.adopted?.jobEnv ?? {}, defaults: facts.adopted?.jobDefaults }),
    permissions: [...granted, ...extraPermissions(facts).filter(({ scope }) => !isOwn(scope))],
    concurrency: {
      group: hasInput(facts, "release")
        ? "slipway-${{ github.ref }}-${{ inputs.release && github.run_id || github.event_name }}"
        : "slipway-${{ github.ref }}-${{ github.event_name }}",
      cancelInProgress: "${{ github.event_name == 'pull_request' || github.event_name == 'merge_group' }}",
    },
    matrix: undefined,
    outputs: releaseOutputs("release"),
    steps: [
      ...(before.length === 0 ? [] : [checkoutStep]),
      ...textSteps(facts, "logins"),
      ...before,
      actionStep(facts, "release", "Build and release", {
        command: "release",
        jobs: "single",
        ...requestedInputs(facts),
        ...(before.length === 0 ? {} : { "allow-dirty": "true" }),
      }),
    ],
  };
}

/** Adds the permissions that login steps of a person may need. */
function withLogins(facts: WorkflowFacts, granted: OwnJob["permissions"]): OwnJob["permissions"] {
  if ((facts.adopted?.logins.length ?? 0) === 0) return granted;
  const own = new Set(granted.map(({ scope }) => scope));
  return [...granted, ...extraPermissions(facts).filter(({ scope }) => !own.has(scope))];
}

/** Whether jobs other than the release read secrets, which may be those of the environment. `registries`: only logins count. */
function usesSecrets({ adopted }: WorkflowFacts, which: "registries" | "all"): boolean {
  if (adopted === undefined) return false;
  const { registries, logins, variables } = adopted;
  return JSON.stringify([registries, logins, which === "all" ? variables : {}]).includes("secrets.");
}

/** Returns the jobs that the old workflow's builds needed, and the condition of its builds. */
function gate(facts: WorkflowFacts, previewed: string): Pick<OwnJob, "needs" | "condition"> {
  const { gates = [], condition } = facts.adopted ?? {};
  return { needs: gates, condition: hasPreviews(facts) ? bothConditions(condition, previewed) : condition };
}

/** Returns outputs for later jobs and calling workflows. */
export function releaseOutputs(step: string): Record<string, string> {
  return Object.fromEntries(
    ["digests", "images", "version"].map((name) => [name, `\${{ steps.${step}.outputs.${name} }}`]),
  );
}
