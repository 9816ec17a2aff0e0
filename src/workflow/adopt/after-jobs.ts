import { yamlText } from "../../formats/yaml-data.ts";
import type { KeptText } from "../adopted.ts";
import { renderPair } from "../yaml-value.ts";
import { type Draft, refuse, titleOf } from "./draft.ts";
import type { MatrixRow } from "./expressions.ts";
import type { ServicePlace, NamedDraft } from "./service-draft.ts";
import type { SourceJob, SourceStep } from "./source.ts";
import { kindOf } from "./step-kinds.ts";

/** Condition of a job after the release: images were released. */
const isReleased = "needs.release.outputs.digests != ''";
/** Map of services to digests, as a job after the release reads it. */
const digests = "fromJSON(needs.release.outputs.digests)";

/** Keys of a job that a job after the release keeps as they are. */
const kept = ["runs-on", "timeout-minutes", "permissions", "environment", "env", "defaults", "strategy"] as const;

/** Returns the id of the job with the steps that came after the builds of a job. */
export function afterJobId(job: string): string {
  return `after-${job}`;
}

/** Whether an id is that of a job with such steps. */
export function isAfterJob(id: string): boolean {
  return id.startsWith("after-");
}

/** Makes a job of the steps that came after a job's builds. It runs after the release, with the digests of the services. */
export function makeAfterJob(draft: Draft, job: SourceJob, services: readonly NamedDraft[]): KeptText | undefined {
  const steps = draft.after.filter((each) => each.job === job).map(({ step }) => step);
  if (steps.length === 0) return undefined;
  const problems = steps.flatMap((step) => {
    const because = obstacleOf(step);
    return because === undefined ? [] : [{ step, because }];
  });
  for (const { step, because } of problems)
    refuse(draft, step.line, `the step "${titleOf(step)}" after the build, ${because}`);
  if (problems.length > 0) return undefined;
  const digestOf = digestFinder(draft, job, services);
  const all = [...stepsBefore(draft, job, steps), ...steps];
  const lines = all.flatMap((step) => indent(withDigests(draft, step, digestOf), 4));
  const id = afterJobId(job.id);
  const strategy = steps.some(({ text }) => text.includes("matrix."));
  const pairs = kept.flatMap((key): string[] => {
    const value = key === "permissions" ? (job.value[key] ?? draft.source.value[key]) : job.value[key];
    if (value === undefined || (key === "strategy" && !strategy)) return [];
    return renderPair(key, value, 2);
  });
  const condition = conditionOf(job);
  noteEvents(draft);
  return {
    id,
    text: [
      `# What came after the build in ${draft.source.file}: once the images are released.`,
      `${id}:`,
      ...renderPair("name", id, 2),
      ...renderPair("needs", ["release"], 2),
      ...renderPair("if", condition, 2),
      ...pairs,
      "  steps:",
      ...lines,
    ].join("\n"),
  };
}

function noteEvents({ source, replaced }: Draft): void {
  const reviewed = ["pull_request", "pull_request_target", "merge_group"].filter((event) => event in source.on);
  const where = reviewed.length === 0 ? "" : `, and not on ${reviewed.join(" or ")}`;
  replaced.add(`steps after a build: a job after the release runs them when images are released${where}`);
}

function conditionOf({ value }: SourceJob): string {
  const own = yamlText(value["if"])
    .trim()
    .replace(/^\$\{\{(.*)\}\}$/s, "$1")
    .trim();
  return own === "" ? `\${{ ${isReleased} }}` : `\${{ ${isReleased} && (${own}) }}`;
}

/** Returns the reason why a step cannot run in a job of its own. */
function obstacleOf({ text }: SourceStep): string | undefined {
  if (text === "") return "since the file uses YAML aliases: write them out";
  const status = /\b(?:always|failure|cancelled)\(\)/.exec(text)?.[0];
  if (status !== undefined)
    return `which runs also when the build fails (${status}): put it into a job of its own that needs the build`;
  if (/\/digests\b/.test(text)) return "which reads the digests of single platforms: use the image's own digest";
  return undefined;
}

/** Steps before the build that those after it build upon: the checkout, logins, metadata, installers, and what a person wrote. */
function stepsBefore(draft: Draft, job: SourceJob, after: readonly SourceStep[]): SourceStep[] {
  const isRead = ({ value }: SourceStep): boolean => {
    const id = yamlText(value["id"]);
    return after.some(
      ({ text }) => text.includes("DOCKER_METADATA_OUTPUT") || (id !== "" && text.includes(`steps.${id}.`)),
    );
  };
  return job.steps.filter((step) => {
    if (after.includes(step)) return false;
    const kind = kindOf(step);
    if (kind === "checkout" || kind === "docker-login" || kind === "cloud-login") return true;
    if (kind === "metadata") return isRead(step);
    return kind === "other" && draft.before.has(step.text);
  });
}

type DigestFinder = (step: string) => string | undefined;

/** Returns for the id of a building step the expression of its image's digest; undefined: it builds one platform, or no service. */
function digestFinder(draft: Draft, job: SourceJob, services: readonly NamedDraft[]): DigestFinder {
  return (step) => {
    const built = services.flatMap(({ draft: { places }, service }) =>
      places.filter((place) => place.job === job.id && place.step === step).map((place) => ({ place, service })),
    );
    if (built.length === 0 || built.some(({ place }) => !place.isTagged)) return undefined;
    const names = new Set(built.map(({ service }) => service.name));
    const [only, ...others] = names;
    if (only !== undefined && others.length === 0) return `${digests}['${only}']`;
    const key = distinguishingKey(built.map(({ place }) => place));
    if (key === undefined) return undefined;
    const entries = built.map(({ place, service }) => [place.row[key] ?? "", service.name] as const);
    if (entries.every(([value, name]) => value === name)) return `${digests}[matrix.${key}]`;
    return `${digests}[fromJSON('${JSON.stringify(Object.fromEntries(entries)).replaceAll("'", "''")}')[matrix.${key}]]`;
  };
}

/** Returns the key of the matrix that has another value in each row. */
function distinguishingKey(places: readonly ServicePlace[]): string | undefined {
  const rows: readonly MatrixRow[] = places.map(({ row }) => row);
  return Object.keys(rows[0] ?? {}).find((key) => new Set(rows.map((row) => row[key])).size === rows.length);
}

/** Replaces outputs of the building steps by the digests of the services. */
function withDigests(draft: Draft, step: SourceStep, digestOf: DigestFinder): string {
  return step.text.replaceAll(
    /\bsteps\.([\w-]+)\.(outputs\.[\w-]+|outcome|conclusion)\b/g,
    (whole, id: string, output: string) => {
      const source = draft.source.jobs.flatMap(({ steps }) => steps).find(({ value }) => value["id"] === id);
      const kind = source === undefined ? "other" : kindOf(source);
      if (!["build", "shell-build", "bake", "set-up", "digests", "shown", "build-cache"].includes(kind)) return whole;
      const digest = output === "outputs.digest" ? digestOf(id) : undefined;
      if (digest === undefined)
        refuse(
          draft,
          step.line,
          `the step "${titleOf(step)}" reads ${whole}: after a release there are digests of whole images`,
        );
      return digest ?? whole;
    },
  );
}

function indent(text: string, by: number): string[] {
  return text
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => (line === "" ? "" : " ".repeat(by) + line));
}
