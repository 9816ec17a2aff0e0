import { parseTemplate, renderTemplate } from "./handlebars.ts";
import type { MetadataRun } from "./metadata-run.ts";
import { hasMark } from "./open-texts.ts";

/** Error with which the action ends. */
export class MetadataFault extends Error {}

/** Run whose values expressions have. */
export interface ExpressionWorld {
  readonly run: MetadataRun;
}

/** Returns the short id of the commit, of the length that the run asks for. */
export function shortCommit({ sha, shortLength, texts }: MetadataRun): string {
  if (shortLength === undefined || hasMark(sha)) {
    return texts.mark(
      `${sha} (short)`,
      texts.because(sha).map((name) => `${name} (short)`),
    );
  }
  return sha.slice(0, shortLength);
}

/** Fills in the action's global expressions. Source: docker/metadata-action's README, "Global expressions". */
export function expand(text: string, world: ExpressionWorld): string {
  const { run } = world;
  return renderWith(text, (name, args) => globalValue(name, args, run), world);
}

/** Fills in the dates of a scheduled tag's pattern. */
export function expandDates(text: string, world: ExpressionWorld): string {
  return renderWith(text, (name, args) => dateValue(name, args, world.run), world);
}

function dateValue(name: string, args: readonly string[], { texts }: MetadataRun): string | undefined {
  return name === "date" || name === "commit_date"
    ? texts.markFull([name, ...args].join(" "), [[name, ...args].join(" ")])
    : undefined;
}

function globalValue(name: string, args: readonly string[], run: MetadataRun): string | undefined {
  const after = (prefix: string): string => (run.ref.startsWith(prefix) ? run.ref.slice(prefix.length) : "");
  switch (name) {
    case "branch":
      return after("refs/heads/");
    case "tag":
      return after("refs/tags/");
    case "sha":
      return shortCommit(run);
    case "base_ref":
      return run.baseRef;
    case "is_default_branch":
      return isDefaultBranch(run, "true", "false");
    case "is_not_default_branch":
      return isDefaultBranch(run, "false", "true");
    default:
      return dateValue(name, args, run);
  }
}

function isDefaultBranch({ ref, trunk, eventName, texts }: MetadataRun, yes: string, no: string): string {
  const branch = ref.replace(/^refs\/heads\//, "");
  if (branch === "") return no;
  if (/create|discussion|issues|schedule/.test(eventName)) return yes;
  if (ref.startsWith("refs/heads/") && hasMark(trunk)) return texts.mark(`${trunk} is ${branch}`, texts.because(trunk));
  return branch === trunk ? yes : no;
}

/** Renders a template of Handlebars with these values. Throws a MetadataFault for a helper that the action does not have. */
export function renderWith(
  text: string,
  valueOf: (name: string, args: readonly string[]) => string | undefined,
  { run }: ExpressionWorld,
): string {
  if (!text.includes("{{")) return text;
  const template = parseTemplate(text);
  // The template uses syntax that is not supported here, so that its result is unknown.
  if (template === undefined) return run.texts.mark(text, [...run.texts.because(text), run.texts.plain(text)]);
  const made = renderTemplate(template, valueOf);
  if (made === undefined)
    throw new MetadataFault(`"${run.texts.plain(text)}" calls a helper that is none of the action's`);
  return made;
}
