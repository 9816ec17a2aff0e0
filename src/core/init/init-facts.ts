import type { Host } from "../../host.ts";
import { SlipwayError } from "../../errors.ts";
import { isCloud } from "../../model/ci-run.ts";
import { registryOf } from "../../model/reference.ts";
import type { Project, Service } from "../../model/service.ts";
import type { Adopted, AdoptedLogin } from "../../workflow/adopted.ts";
import {
  type ActionReference,
  isGitHubsRegistry,
  type JobsLayout,
  type RunnerLabels,
  type WorkflowFacts,
} from "../../workflow/facts.ts";
import type { OwnWorkflow } from "../../workflow/read-back.ts";
import type { InitSources } from "./init-read.ts";

export interface InitRequest {
  readonly jobs: JobsLayout | undefined;
  readonly shadow: boolean;
  readonly force: boolean;
  /** Action to use, as `owner/repo@ref`; undefined: the one that the existing workflow uses, else the commit of the newest release. */
  readonly action: string | undefined;
  /** Runner labels by platform; `*`: for all platforms; `light`: for jobs that need no Docker. */
  readonly runners: Readonly<Record<string, readonly string[]>>;
  readonly maxJobs: number | undefined;
  /** Whether to write the guides and the README's section. */
  readonly guides: boolean;
  /** Whether semantic-release is to choose the versions; false: as the existing workflow does. */
  readonly semanticRelease: boolean;
}

/** Repository and tag of Slipway's own action. */
const slipwayAction = { repository: "slipway-release/slipway", tag: "v1" } as const;

/** Makes the facts of the workflow from the project, from the request, and from what the existing workflow decided. */
export async function makeFacts(
  host: Host,
  sources: InitSources,
  project: Project,
  given: {
    request: InitRequest;
    adopted: Adopted | undefined;
    existing: OwnWorkflow | undefined;
    semanticRelease: WorkflowFacts["semanticRelease"];
    notes: string[];
  },
): Promise<WorkflowFacts> {
  const { request, adopted, existing, semanticRelease, notes } = given;
  const { remote } = sources;
  const server = serverOf(remote?.host);
  const platforms = [...new Set(project.services.flatMap((service) => service.platforms))];
  const asked = "*" in request.runners ? request.runners : { ...existing?.runners, ...request.runners };
  const { light = existing?.light, "*": all, ...byPlatform } = asked;
  const forAll = all === undefined ? {} : Object.fromEntries(platforms.map((platform) => [platform, all]));
  const runners: RunnerLabels = {
    byPlatform: { ...forAll, ...byPlatform },
    light,
    atOnce: request.maxJobs ?? adopted?.atOnce ?? existing?.atOnce,
  };
  return {
    services: project.services.map((service) => ({
      name: service.name,
      platforms: service.platforms,
      needs: service.needs,
      registries: registriesOf(project, service),
    })),
    tags: project.groups.map(({ tag, name }) => tag.replaceAll("{group}", name)),
    trunk: sources.trunk,
    action: await chooseAction(host, request, existing, notes),
    server,
    plansWithDocker: project.source.startsWith("docker-bake"),
    jobs: request.jobs ?? existing?.layout,
    runners,
    semanticRelease,
    previews: project.services.some(({ preview }) => preview !== undefined),
    shadow: request.shadow,
    signsKeyless: mayBeKeyless(project, server),
    registries: adopted?.registries ?? planLogins(project, { server, before: existing?.registries ?? [], notes }),
    adopted,
  };
}

/** Whether runs may sign without a key: the configuration leaves it open or asks for it, and GitHub's cloud has the tokens for it. */
function mayBeKeyless({ signing: { mode, instance } }: Project, server: string): boolean {
  const isAsked = mode === "auto" || mode === "public" || mode === "github";
  return isAsked && (instance !== undefined || isCloud(new URL(server).host));
}

/** Plans logins by secrets for registries that the job's own token cannot log in to. Keeps the logins of the existing workflow. */
function planLogins(
  project: Project,
  { server, before, notes }: { server: string; before: readonly AdoptedLogin[]; notes: string[] },
): AdoptedLogin[] {
  const hosts = new Set(project.services.flatMap((service) => registriesOf(project, service)));
  const others = [...hosts].filter((host) => !isGitHubsRegistry(host, server)).sort();
  const kept = before.filter(({ host }) => others.includes(host));
  const added = others.filter((host) => !kept.some((login) => login.host === host));
  return [
    ...kept,
    ...added.map((host) => {
      const suffix = others.length === 1 ? "" : `_${host.toUpperCase().replaceAll(/[^A-Z0-9]+/g, "_")}`;
      const [user, password] = [`REGISTRY_USER${suffix}`, `REGISTRY_PASSWORD${suffix}`];
      notes.push(
        `the workflow logs in to ${host} with the secrets ${user} and ${password}: create them in the repository's settings, or replace them in the workflow by the names of your own`,
      );
      return { host, user: `\${{ secrets.${user} }}`, password: `\${{ secrets.${password} }}` };
    }),
  ];
}

/** Registries of a service's images, its previews and its release records. */
function registriesOf({ releases }: Project, { images, preview }: Service): string[] {
  const names = [...images, ...(preview === undefined ? [] : [preview]), releases];
  return [...new Set(names.map(registryOf))];
}

/** Web address of the GitHub server. An unknown host is taken for a GitHub Enterprise Server, because only GitHub runs the workflow. */
function serverOf(host: string | undefined): string {
  const isElsewhere =
    host === undefined || /^(?:gitlab\.com|bitbucket\.org|codeberg\.org|ssh\.github\.com)$/.test(host);
  return isElsewhere ? "https://github.com" : `https://${host}`;
}

/** Reads `--action`; undefined: Slipway's own. Throws `option-invalid`. */
export function parseAction(action: string | undefined): { readonly repository: string; readonly ref: string } {
  if (action === undefined) return { repository: slipwayAction.repository, ref: slipwayAction.tag };
  const [, repository, ref = slipwayAction.tag] = /^([\w.-]+\/[\w.-]+)(?:@([\w./-]+))?$/.exec(action) ?? [];
  if (repository !== undefined) return { repository, ref };
  throw new SlipwayError("option-invalid", `--action "${action}" is not the name of an action`, {
    hint: `write OWNER/REPOSITORY@REF, for example ${slipwayAction.repository}@${slipwayAction.tag}`,
  });
}

/** Chooses the action by its commit, because a tag can be moved to other code. */
export async function chooseAction(
  host: Host,
  { action }: Pick<InitRequest, "action">,
  existing: OwnWorkflow | undefined,
  notes: string[],
): Promise<ActionReference> {
  if (action === undefined && existing?.action !== undefined) return existing.action;
  const { repository, ref } = parseAction(action);
  if (/^[0-9a-f]{40}$/.test(ref)) return { repository, ref, called: undefined };
  const commit = await findCommit(host, repository, ref);
  if (commit !== undefined) return { repository, ref: commit.id, called: commit.called };
  notes.push(`${repository}@${ref} could not be looked up, so it is used by its tag; pin it to a commit later`);
  return { repository, ref, called: undefined };
}

/** Looks up the commit of a tag, and its most exact version: `v1.2.0` for `v1`. */
async function findCommit(
  host: Host,
  repository: string,
  tag: string,
): Promise<{ readonly id: string; readonly called: string } | undefined> {
  const args = ["ls-remote", "--", `https://github.com/${repository}`, `refs/tags/${tag}*`];
  const found = await host
    .run("git", args, { env: { GIT_TERMINAL_PROMPT: "0" }, signal: AbortSignal.timeout(10_000) })
    .catch(() => undefined);
  if (found?.exitCode !== 0) return undefined;
  const commits = new Map<string, string>();
  for (const line of new TextDecoder().decode(found.stdout).split("\n")) {
    const [, id, name, peeled] = /^([0-9a-f]{40})\trefs\/tags\/([^^]+)(\^\{\})?$/.exec(line) ?? [];
    // An annotated tag has a line of its own for the commit, after that of the tag.
    if (id !== undefined && name !== undefined && (peeled !== undefined || !commits.has(name))) commits.set(name, id);
  }
  const id = commits.get(tag);
  if (id === undefined) return undefined;
  const exact = [...commits].flatMap(([name, each]) => (each === id && /^v?\d+\.\d+\.\d+$/.test(name) ? [name] : []));
  return { id, called: exact.at(-1) ?? tag };
}
