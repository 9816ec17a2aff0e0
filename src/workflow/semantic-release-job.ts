import type { YamlMap } from "../formats/yaml-data.ts";
import type { AdoptedLogin } from "./adopted.ts";
import { isGitHubsRegistry, type SemanticReleaseFacts, type WorkflowFacts } from "./facts.ts";
import type { OwnJob, WorkflowStep } from "./model.ts";
import { releaseOutputs, whenBuilt } from "./own-jobs.ts";
import { textSteps } from "./own-steps.ts";
import { releasePermissions } from "./permissions.ts";
import { checkout, setupNode } from "./pins.ts";
import { runnerOf } from "./runners.ts";

/** Makes the job in which semantic-release decides on a version and its plugin releases the images of earlier jobs. */
export function semanticReleaseJob(
  facts: WorkflowFacts,
  semanticRelease: SemanticReleaseFacts,
  builds: readonly string[],
): OwnJob {
  return {
    kind: "own",
    id: "release",
    name: "release",
    comments: [
      "semantic-release decides by the commits whether there is a version. Its plugin finds every image built, commits the",
      "release and moves the tags. Never cancelled; a run that another one overtakes leaves its commits to that one.",
    ],
    needs: ["plan", ...builds],
    condition: whenBuilt(builds),
    runsOn: runnerOf(facts, "linux/amd64"),
    timeoutMinutes: 15,
    environment: facts.adopted?.environment,
    permissions: [
      ...releasePermissions(facts),
      { scope: "issues", level: "write", why: "to say in issues what released them" },
      { scope: "pull-requests", level: "write", why: "the same, in pull requests" },
    ],
    concurrency: { group: "slipway-release-${{ github.ref }}", cancelInProgress: false },
    matrix: undefined,
    outputs: releaseOutputs("release"),
    steps: [
      {
        kind: "uses",
        id: undefined,
        name: "Check out with the history, which says what the version is",
        uses: `${checkout.repository}@${checkout.commit}`,
        called: checkout.called,
        with: { "fetch-depth": 0, "persist-credentials": false },
        env: {},
      },
      nodeStep,
      ...textSteps(facts, "logins"),
      ...loginsOf(facts).map(loginStep),
      ...(semanticRelease.packages === undefined ? [installStep] : []),
      runStep(facts, semanticRelease),
      ...loginsOf(facts).map(logoutStep),
    ],
  };
}

/** Returns the logins: for GitHub's own registry with the job's token, for the others with theirs. */
function loginsOf({ services, registries, server }: WorkflowFacts): AdoptedLogin[] {
  const hosts = new Set(services.flatMap((service) => service.registries));
  const own = [...hosts].filter((host) => isGitHubsRegistry(host, server)).sort();
  const others = registries.filter(({ host }) => !own.includes(host));
  return [...own.map((host) => ({ host, user: "${{ github.actor }}", password: "${{ github.token }}" })), ...others];
}

function loginStep({ host, user, password }: AdoptedLogin): WorkflowStep {
  return {
    kind: "run",
    id: undefined,
    name: `Log in to ${host}`,
    condition: undefined,
    env: { REGISTRY: host, REGISTRY_USER: user, REGISTRY_PASSWORD: password },
    run: `printf '%s' "$REGISTRY_PASSWORD" | docker login "$REGISTRY" --username "$REGISTRY_USER" --password-stdin\n`,
  };
}

/** Makes a step that removes the password, which a self-hosted runner would keep for later jobs. */
function logoutStep({ host }: AdoptedLogin): WorkflowStep {
  return {
    kind: "run",
    id: undefined,
    name: `Log out of ${host}`,
    condition: "always()",
    env: { REGISTRY: host },
    run: 'docker logout "$REGISTRY"\n',
  };
}

const nodeStep: WorkflowStep = {
  kind: "uses",
  id: undefined,
  name: "Set up Node for semantic-release and the plugin",
  uses: `${setupNode.repository}@${setupNode.commit}`,
  called: setupNode.called,
  // The cache of another run could bring modified packages into a job that may write releases.
  with: { "node-version": 24, "package-manager-cache": false },
  env: {},
};

const installStep: WorkflowStep = {
  kind: "run",
  id: undefined,
  name: "Install what the lock file says",
  condition: undefined,
  env: {},
  run: "npm ci\n",
};

function runStep({ adopted }: WorkflowFacts, { packages }: SemanticReleaseFacts): WorkflowStep {
  const bring = packages?.map((each) => `--package ${each}`).join(" ");
  const env: YamlMap = { GITHUB_TOKEN: "${{ github.token }}", ...adopted?.variables };
  return {
    kind: "run",
    id: "release",
    name: "Release",
    condition: undefined,
    env,
    run: bring === undefined ? "npx --no-install semantic-release\n" : `npx --yes ${bring} semantic-release\n`,
  };
}
