import { posix } from "node:path";
import { scanDockerfile } from "../../config/sources/scan-dockerfile.ts";
import { makeIgnoreMatcher, parseIgnoreFile } from "../../dockerfile/matching/ignore.ts";
import { readLines } from "../../dockerfile/syntax/lines.ts";
import type { WrittenBuild } from "../../publishers/image-command.ts";
import type { Publisher } from "../../publishers/publisher.ts";
import { eventTitles } from "../../workflow/events/event-titles.ts";

/** Reads a file of the repository; undefined: it does not exist. */
type ReadText = (path: string) => string | undefined;

/** Returns the reasons for which the builds of a publisher are never reused, with what can be done; empty: none is known. */
export function whyNeverReused(publisher: Publisher, read: ReadText): string[] {
  if (!publisher.builds || publisher.settings.length === 0) return [];
  const settings = publisher.settings.map((each) => ({ ...each, ...filesOf(each, publisher, read) }));
  const reasons = [
    ...whyByEvents(publisher),
    ...(settings.every(({ noCache }) => noCache === true) ? ["no-cache: everything is built anew"] : []),
    ...settings.flatMap((each) => whyByArgs(each, publisher)),
    ...settings.flatMap((each) => whyByGit(each, read)),
  ];
  return [...new Set(reasons)];
}

function whyByEvents({ understanding }: Publisher): string[] {
  const events = understanding.understood ? Object.keys(understanding.publishes) : [];
  if (events.length === 0) return [];
  if (events.every((event) => event === eventTitles.schedule))
    return ["a scheduled run builds, and no other publishes it"];
  return events.every((event) => event.startsWith(eventTitles["pull-request"]))
    ? ["only pull requests publish it, which record nothing that others could reuse"]
    : [];
}

interface BuildFiles {
  /** Folder of the context in the repository; undefined: unknown, or no folder. */
  readonly folder: string | undefined;
  readonly dockerfile: string | undefined;
  readonly text: string | undefined;
}

/** Finds the context and the Dockerfile of a build. An action's empty context is the commit, whose Dockerfile is at the root. */
function filesOf({ context, file }: WrittenBuild, { how, folder: around }: Publisher, read: ReadText): BuildFiles {
  const isAction = how === "build-push-action" || how === "fork" || how === "slipway";
  const given = context?.text.replace(/^\{\{defaultContext\}\}:?/, "") ?? "";
  const isKnown = (context?.unknown.length ?? 0) === 0 && (file?.unknown.length ?? 0) === 0;
  if (!isKnown || /^(?:https?|git|ssh):|^git@|^-$/.test(given))
    return { folder: undefined, dockerfile: undefined, text: undefined };
  const base = isAction ? "." : around;
  const folder = posix.normalize(posix.join(base, given));
  const dockerfile =
    file === undefined ? posix.join(folder, "Dockerfile") : posix.normalize(posix.join(base, file.text));
  const isFolder = context !== undefined && !context.text.startsWith("{{defaultContext}}");
  return { folder: isFolder ? folder : undefined, dockerfile, text: read(dockerfile) };
}

/** Names of values that another commit or another run changes. */
const changing: readonly (readonly [RegExp, string])[] = [
  [/github\.run_(?:id|number|attempt)|_RUN_(?:ID|NUMBER|ATTEMPT)\b/, "in every run"],
  [/\bdate\b|\bcommit_date\b|\bcreated\b|\btimestamp\b/i, "in every run"],
  [
    /github\.sha|_SHA\b|head_commit|github\.event\.after|\bgit (?:rev-parse|describe|log|show)\b|pull_request\.head\.sha/,
    "with every commit",
  ],
];

function whyByArgs({ args, text }: WrittenBuild & BuildFiles, { how }: Publisher): string[] {
  const declared = text === undefined ? undefined : declaredArgs(text);
  return args.flatMap(({ text: written, unknown }) => {
    const name = /^\w+(?==)/.exec(written)?.[0];
    if (name === undefined || declared?.has(name) === false) return [];
    const found = unknown
      .filter((each) => !each.includes("env.GITHUB_"))
      .flatMap((each) => changing.flatMap(([pattern, when]) => (pattern.test(each) ? [{ each, when }] : [])));
    const [first] = found;
    if (first === undefined) return [];
    const isScript = how === "docker" || how === "podman" || how === "nerdctl";
    const advice = isScript
      ? "leave it out, or set it later than in the build"
      : `if nothing in the image needs it, write stamp: ${name}`;
    return [`the build arg ${name} is another one ${first.when} (${first.each.replaceAll(/[‹›]/g, "")}); ${advice}`];
  });
}

function declaredArgs(text: string): Set<string> {
  const args = readLines(text, "", []).instructions.filter(({ keyword }) => keyword.toUpperCase() === "ARG");
  return new Set(args.flatMap((each) => each.args.split(/\s+/).map((word) => word.replace(/=.*$/s, ""))));
}

/** `.git` changes with every commit. It is among the inputs of a folder at the root that is copied as a whole and does not ignore it. */
function whyByGit({ folder, dockerfile, text }: BuildFiles, read: ReadText): string[] {
  if (folder !== "." || text === undefined || dockerfile === undefined) return [];
  const copies = scanDockerfile(text).sources.some((source) =>
    [".", ".git"].includes(posix.normalize(source).replace(/^\/|\/$/g, "") || "."),
  );
  if (!copies) return [];
  const ignore = read(`${dockerfile}.dockerignore`) === undefined ? ".dockerignore" : `${dockerfile}.dockerignore`;
  return isIgnored(read(ignore), ignore)
    ? []
    : [`.git is copied with the context, and changes with every commit; write .git into ${ignore}`];
}

function isIgnored(text: string | undefined, file: string): boolean {
  if (text === undefined) return false;
  try {
    return makeIgnoreMatcher(parseIgnoreFile(text, file))(".git/HEAD");
  } catch {
    // A faulty pattern ends the build with its own message.
    return true;
  }
}
