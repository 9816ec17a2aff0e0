import { addAll } from "../../model/lists.ts";
import { SlipwayError } from "../../errors.ts";
import { fieldsOf, type Fields } from "../../formats/json.ts";
import type { Project } from "../../model/service.ts";
import { sectionMarkers } from "../../notes/images-section.ts";
import { parseVersion } from "../../formats/semver.ts";
import type { Adopted } from "../../workflow/adopted.ts";
import type { SemanticReleaseFacts } from "../../workflow/facts.ts";
import { type PlannedReleaserc, planReleaserc, pluginsOf } from "../../workflow/releaserc.ts";
import type { InitSources } from "./init-read.ts";

/** The planned job and configuration of semantic-release. */
export interface PlannedSemanticRelease {
  readonly facts: SemanticReleaseFacts;
  readonly config: PlannedReleaserc;
}

/** Version of semantic-release that `npx` installs if the repository does not install its own. */
const semanticReleaseVersion = "25.0.9";

/** Plugins that semantic-release depends on itself. Source: its package.json. */
const bundled: ReadonlySet<string> = new Set([
  "@semantic-release/commit-analyzer",
  "@semantic-release/github",
  "@semantic-release/npm",
  "@semantic-release/release-notes-generator",
]);

/** Path of the file that configures semantic-release, the first in semantic-release's own lookup order; null: there is none. */
export async function findReleaserc(sources: InitSources): Promise<string | null> {
  const manifest = await readJson(sources, "package.json");
  if (manifest?.["release"] !== undefined) return "package.json";
  const names = [".releaserc", ...["json", "yaml", "yml", "js", "ts", "cjs", "mjs"].map((end) => `.releaserc.${end}`)];
  const scripts = ["js", "ts", "cjs", "mjs"].map((end) => `release.config.${end}`);
  for (const name of [...names, ...scripts]) if ((await sources.read(name)) !== null) return name;
  return null;
}

/** Plans semantic-release's job and its configuration file. Throws `usage` if the workflow cannot be split into several jobs. */
export async function planSemanticRelease(
  sources: InitSources,
  project: Project,
  given: {
    adopted: Adopted | undefined;
    jobs: "matrix" | "single" | undefined;
    slipwayVersion: string;
    notes: string[];
  },
): Promise<PlannedSemanticRelease> {
  const { adopted, jobs, slipwayVersion, notes } = given;
  checkLayout(adopted, jobs);
  const path = await findReleaserc(sources);
  const text = path === null ? null : await sources.read(path);
  const [group] = project.groups;
  const config = planReleaserc(path === null || text === null ? undefined : { path, text }, {
    trunk: sources.trunk,
    tag: group.tag,
    group: project.groups.length > 1 ? group.name : undefined,
    markers: sectionMarkers,
  });
  addAll(notes, config.notes);
  if (project.groups.length > 1) {
    notes.push(
      `semantic-release makes versions of one release group, here ${group.name}; the others are released by \`slipway release --group NAME\``,
    );
  }
  const packages = await findPackages(sources, config, { slipwayVersion, notes });
  return { facts: { branches: config.branches, packages }, config };
}

function checkLayout(adopted: Adopted | undefined, jobs: "matrix" | "single" | undefined): void {
  if (jobs === "single") {
    throw new SlipwayError("options-conflict", "with semantic-release, builds come before the job that releases", {
      hint: "leave --jobs single out",
    });
  }
  if ((adopted?.before.length ?? 0) === 0) return;
  throw new SlipwayError(
    "options-conflict",
    "steps before the build make files, which each build job beside semantic-release's would have to make again",
    { hint: "keep the tool that chooses versions, and let it call the workflow: leave --semantic-release out" },
  );
}

/** A package name that npm installs and a shell reads as one word. Any other plugin name is a path in the repository. */
const packageName = /^(?:@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*(?:\/[\w./-]+)?$/i;

/** Packages for `npx` to install, with versions; undefined: the repository installs semantic-release itself. */
async function findPackages(
  sources: InitSources,
  config: PlannedReleaserc,
  { slipwayVersion, notes }: { slipwayVersion: string; notes: string[] },
): Promise<readonly string[] | undefined> {
  const manifest = await readJson(sources, "package.json");
  const has = (name: string): boolean =>
    ["dependencies", "devDependencies"].some((key) => name in fieldsOf(manifest?.[key]));
  const hasLock = (await sources.read("package-lock.json")) !== null;
  if (has("semantic-release") && hasLock) {
    if (!has("slipway"))
      notes.push("the plugin must be installed with semantic-release: npm install --save-dev slipway");
    return undefined;
  }
  const others = pluginsOf(config.after).filter((name) => packageName.test(name));
  const own = others.filter((name) => !bundled.has(name) && !name.startsWith("slipway/"));
  if (own.length > 0)
    notes.push(`pin the versions of ${own.join(", ")} in the workflow, or install them from a lock file`);
  const slipway = parseVersion(slipwayVersion) === undefined ? "slipway" : `slipway@${slipwayVersion}`;
  return [`semantic-release@${semanticReleaseVersion}`, slipway, ...own];
}

async function readJson(sources: InitSources, path: string): Promise<Fields | undefined> {
  const text = await sources.read(path);
  if (text === null) return undefined;
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}
