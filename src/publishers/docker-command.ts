import { readGoBoolean } from "../formats/go-boolean.ts";
import { joinTexts, type ShellText } from "../shell/expand-word.ts";
import type { ImageCommand, Certainty, PublisherKind } from "./image-command.ts";
import { type CommandOptions, splitOptions, valuesOf } from "./options.ts";

const globalSwitches = new Set(["D", "debug", "tls", "tlsverify"]);
/** Options of build, bake, push, tag, Compose and similar commands that take no value. */
const switches: ReadonlySet<string> = new Set(
  (
    "push load pull no-cache quiet q rm force-rm compress squash check debug D all-tags a disable-content-trust " +
    "dry-run append prefer-index print list all-platforms all-resources manifests layers isolate jobs " +
    "build no-build detach d wait no-deps with-dependencies include-deps ignore-push-failures remove-orphans " +
    "compatibility no-recreate force-recreate purge p amend insecure tls-verify rm-all-layers no-push"
  ).split(" "),
);

/** Reads a command of `docker`, or of a program with the same commands; undefined: the command neither builds nor pushes an image. */
export function readDockerCommand(program: string, args: readonly ShellText[]): ImageCommand | undefined {
  const { words } = splitOptions(args, { switches: globalSwitches, stops: true });
  const how: PublisherKind =
    program === "podman" || program === "nerdctl" || program === "buildah" ? program : "docker";
  const [verb, ...rest] = words;
  switch (verb?.text) {
    case "buildx":
    case "image":
    case "builder":
      return readBuildxCommand(verb.text, rest, how);
    case "build":
    case "bud":
      return readBuild(rest, how);
    case "bake":
      return readBake(rest);
    case "compose":
      return readCompose(rest);
    case "tag":
      return readTag(rest);
    case "push":
      return readPush(rest, how);
    case "login":
      return { kind: "login" };
    case "manifest":
      return readManifest(rest);
    case "run":
      return readRun(rest);
    default:
      return undefined;
  }
}

/** Reads a Compose command from the arguments after `docker compose` or `docker-compose`. */
export function readCompose(args: readonly ShellText[]): ImageCommand | undefined {
  const global = splitOptions(args, {
    switches: new Set(["compatibility", "dry-run", "all-resources", "verbose"]),
    stops: true,
  });
  const [verb, ...rest] = global.words;
  const own = splitOptions(rest, { switches });
  const files = valuesOf(global, "f", "file");
  const services = own.words;
  const base = { kind: "compose", files, services } as const;
  if (verb?.text === "build") return { ...base, builds: true, pushes: isGiven(own, "push") };
  if (verb?.text === "push") return { ...base, builds: false, pushes: true };
  if (verb?.text === "up" && own.options.has("build")) return { ...base, builds: true, pushes: false };
  return undefined;
}

function readBuildxCommand(group: string, args: readonly ShellText[], how: PublisherKind): ImageCommand | undefined {
  const { words } = splitOptions(args, { switches: globalSwitches, stops: true });
  const [verb, ...rest] = words;
  const name = `${group} ${verb?.text ?? ""}`;
  switch (name) {
    case "buildx build":
    case "buildx b":
    case "image build":
    case "builder build":
      return readBuild(rest, how);
    case "buildx bake":
      return readBake(rest);
    case "buildx imagetools":
      return readImagetools(rest);
    case "image tag":
      return readTag(rest);
    case "image push":
      return readPush(rest, how);
    default:
      return undefined;
  }
}

function readBuild(args: readonly ShellText[], how: PublisherKind): ImageCommand {
  const own = splitOptions(args, { switches });
  const outputs = valuesOf(own, "o", "output").map(readOutput);
  const open = openWords(own.words.slice(0, -1));
  const asked = outputs.map(({ pushes }) => pushes);
  const pushes = disjunction([isGiven(own, "push"), ...asked, ...open]);
  const tags = referencesOf(valuesOf(own, "t", "tag"), outputs);
  const unnamed = tags.length === 0 ? open.map(({ because }) => ({ text: because.join(" "), unknown: because })) : [];
  const settings = {
    noCache: isGiven(own, "no-cache"),
    args: valuesOf(own, "build-arg"),
    context: own.words.at(-1),
    file: valuesOf(own, "f", "file").at(-1),
  };
  return { kind: "build", how, tags: [...tags, ...unnamed], pushes, settings };
}

/** Returns the unknown words that may expand to options, such as `$FLAGS`; what these options do is unknown. */
function openWords(words: readonly ShellText[]): { readonly because: readonly string[] }[] {
  return words.flatMap(({ text, unknown }) => (unknown.length > 0 && /^[$‹]/.test(text) ? [{ because: unknown }] : []));
}

/** One value of `--output`. */
export interface OutputFlag {
  readonly name: ShellText | undefined;
  readonly pushes: Certainty;
  /** Whether the image is pushed by digest alone; tags are then removed from its names. */
  readonly isByDigest: boolean;
}

/** Returns the references of a build: its tags (names with a digest, if an output is pushed by digest), then the names in its outputs. */
export function referencesOf<T extends ShellText>(
  tags: readonly T[],
  outputs: readonly OutputFlag[],
): (T | ShellText)[] {
  const isByDigest = outputs.some((output) => output.isByDigest);
  const given = isByDigest ? tags.map((tag) => joinTexts([withoutTag(tag), byDigest])) : tags;
  return [...given, ...outputs.flatMap(({ name }) => name ?? [])];
}

/** Removes the tag: `acme/api:1.2` becomes `acme/api`. The port of a registry stays. */
function withoutTag({ text, unknown }: ShellText): ShellText {
  const name = text.replace(/:[^:/]*$/, "");
  return { text: name, unknown: namedIn(name, unknown) };
}

/** Reads one value of `--output`: `type=image,name=acme/api,push=true`. */
export function readOutput(output: ShellText): OutputFlag {
  const fields = new Map(
    splitFields(output.text).map((field) => {
      const equals = field.indexOf("=");
      return equals < 0 ? [field, "true"] : [field.slice(0, equals).trim(), field.slice(equals + 1).trim()];
    }),
  );
  const name = fields.get("name");
  const push = fields.get("push");
  const isRegistry = fields.get("type") === "registry";
  const pushes = isRegistry && push === undefined ? true : readFlag(push ?? "false", output.unknown);
  const isByDigest = fields.get("push-by-digest") === "true";
  if (name === undefined) return { name, pushes, isByDigest };
  const named = { text: name, unknown: namedIn(name, output.unknown) };
  return { name: isByDigest ? joinTexts([named, byDigest]) : named, pushes, isByDigest };
}

/** Placeholder for the digest of an image that is pushed without a tag; another step adds the tag by this digest. */
const byDigest: ShellText = { text: "@‹digest›", unknown: ["‹digest›"] };

/** Splits comma-separated fields; a quoted field may contain commas. */
function splitFields(text: string): string[] {
  return (text.match(/(?:"[^"]*"|[^,"])+/g) ?? []).map((field) => field.trim().replaceAll('"', ""));
}

/** Returns the unknown parts that the text contains. */
export function namedIn(text: string, unknown: readonly string[]): string[] {
  return unknown.filter((name) => text.includes(name));
}

/** Reads a boolean of buildx; any other text, or an unknown one, becomes the reason why it is undecided. */
function readFlag(text: string, unknown: readonly string[]): Certainty {
  return (text === "" ? false : readGoBoolean(text)) ?? openFlag(text, unknown);
}

/** Returns the reason why a text does not say whether something is on. */
export function openFlag(text: string, unknown: readonly string[]): Certainty {
  const named = namedIn(text, unknown);
  return { because: named.length > 0 ? named : [`"${text}" counts as true`] };
}

/** Whether a boolean option is set on the command line. */
function isGiven(own: CommandOptions, name: string): Certainty {
  const value = own.options.get(name)?.at(-1);
  if (value === undefined) return false;
  return value.text === "" && value.unknown.length === 0 ? true : readFlag(value.text, value.unknown);
}

/** Combines conditions by "or": true if one of them is true, else undecided if one is undecided. */
export function disjunction(all: readonly Certainty[]): Certainty {
  if (all.includes(true)) return true;
  const because = all.flatMap((each) => (typeof each === "boolean" ? [] : each.because));
  return because.length === 0 ? false : { because: [...new Set(because)] };
}

function readBake(args: readonly ShellText[]): ImageCommand {
  const own = splitOptions(args, { switches });
  const set = valuesOf(own, "set");
  return {
    kind: "bake",
    how: "bake",
    files: valuesOf(own, "f", "file"),
    targets: own.words,
    set,
    pushes: disjunction([isGiven(own, "push"), ...set.map(pushesBySet), ...openWords(own.words)]),
  };
}

/** Whether a `--set` of bake pushes: `*.output=type=registry`, `app.push=true`. */
export function pushesBySet(set: ShellText): Certainty {
  const [, value = ""] = /\.output=(.*)$/s.exec(set.text) ?? [];
  if (value !== "") return readOutput({ text: value, unknown: set.unknown }).pushes;
  const [, push] = /\.push=(.*)$/s.exec(set.text) ?? [];
  return push === undefined ? false : readFlag(push, set.unknown);
}

function readTag(args: readonly ShellText[]): ImageCommand | undefined {
  const [from, to] = splitOptions(args, { switches }).words;
  return from === undefined || to === undefined ? undefined : { kind: "tag", from, to };
}

function readPush(args: readonly ShellText[], how: PublisherKind): ImageCommand {
  const own = splitOptions(args, { switches });
  const [first, second] = own.words;
  // `podman push IMAGE docker://NAME`.
  const isElsewhere = how !== "docker" && second !== undefined && !isLocal(second.text);
  const images = isElsewhere
    ? [stripTransport(second)]
    : how === "docker"
      ? own.words
      : first === undefined
        ? []
        : [first];
  return { kind: "push", how, images, allTags: own.options.has("all-tags") || own.options.has("a") };
}

/** Whether a destination is not a registry, for example an archive or a local store. */
export function isLocal(place: string): boolean {
  return /^(?:dir|docker-archive|docker-daemon|oci|oci-archive|containers-storage|sif|ostree):/.test(place);
}

export function stripTransport({ text, unknown }: ShellText): ShellText {
  return { text: text.replace(/^docker:\/\//, ""), unknown };
}

function readImagetools(args: readonly ShellText[]): ImageCommand | undefined {
  const [verb, ...rest] = args;
  if (verb?.text !== "create") return undefined;
  const own = splitOptions(rest, { switches });
  if (own.options.has("dry-run")) return undefined;
  // A word that is one unknown value may expand to options, as Docker's documentation makes them; any other word is an image that is read.
  const made = own.words.filter(({ unknown, text }) => unknown.includes(text) && /-t\b|tag/i.test(text));
  return { kind: "merge", how: "imagetools", tags: [...valuesOf(own, "t", "tag"), ...made] };
}

/** Reads `docker manifest push`. In podman and buildah, a second word may name the destination. */
function readManifest(args: readonly ShellText[]): ImageCommand | undefined {
  const [verb, ...rest] = args;
  if (verb?.text !== "push") return undefined;
  const { words } = splitOptions(rest, { switches: new Set([...switches, "all"]) });
  const tag = words.at(-1);
  return { kind: "merge", how: "imagetools", tags: tag === undefined ? [] : [stripTransport(tag)] };
}

/** Reads `docker run` of an image that itself builds: kaniko's. */
function readRun(args: readonly ShellText[]): ImageCommand | undefined {
  const at = args.findIndex(({ text }) => /kaniko/.test(text));
  return at < 0 ? undefined : readKaniko(args.slice(at + 1));
}

/** Reads the options of kaniko's executor, which pushes unless `--no-push` is set. */
export function readKaniko(args: readonly ShellText[]): ImageCommand {
  const own = splitOptions(args, { switches });
  const tags = valuesOf(own, "destination", "d");
  return { kind: "build", how: "kaniko", tags, pushes: !own.options.has("no-push") };
}
