/** What a variable of a definition holds when its tags are made. */
export type VariableMeaning = "version" | "commit" | "branch";

/** A variable of a definition, and the text that stands for what it will hold at a release. */
export interface Probe {
  readonly name: string;
  readonly meaning: VariableMeaning;
  readonly text: string;
  /** Its name does not say what it holds; it is the version only where it begins a tag without another one. */
  readonly isGuess?: true;
}

/** Words of names of variables that hold what their last word says, and not a version. */
const otherWords = ["SUFFIX", "PREFIX", "VARIANT", "FLAVOR", "DATE", "NAME", "REGISTRY", "REPO", "REPOSITORY", "IMAGE"];
const versionWords = ["VERSION", "TAG", "RELEASE", "VER", "V"];
const meanings: readonly (readonly [VariableMeaning, readonly string[]])[] = [
  ["commit", ["SHA", "COMMIT", "REVISION"]],
  ["branch", ["BRANCH"]],
  ["version", versionWords],
];
/** Variables that hold the release's version, whatever their default looks like. */
const ownNames: ReadonlySet<string> = new Set(
  ["", "APP_", "IMAGE_", "RELEASE_", "DOCKER_", "PROJECT_", "BUILD_"].flatMap((prefix) =>
    versionWords.map((word) => `${prefix}${word}`),
  ),
);

/**
 * What a variable holds, by its name. `fallback`: its value where nobody sets it; `8.3` in `PHP_VERSION` is the version of something
 * that the image is made from, not of a release.
 */
export function variableMeaning(name: string, fallback: string): VariableMeaning | undefined {
  const upper = name.toUpperCase();
  const words = upper.split("_");
  if (otherWords.includes(words.at(-1) ?? "")) return undefined;
  const meaning = meanings.find(([, known]) => known.some((word) => words.includes(word)))?.[0];
  const isPart = /^v?\d+(?:\.\d+)?$/.test(fallback);
  return meaning === "version" && isPart && !ownNames.has(upper) ? undefined : meaning;
}

/**
 * Whether a variable may hold the version although its name says nothing. `fallback`: its default in the definition, and not its value,
 * so that the tags do not depend on what it holds at the moment. A default such as `edge` or `8.3` says that it holds something else.
 */
export function mayHoldVersion(name: string, fallback: string): boolean {
  const words = name.toUpperCase().split("_");
  if (otherWords.includes(words.at(-1) ?? "")) return false;
  if (meanings.some(([, known]) => known.some((word) => words.includes(word)))) return false;
  return fallback === "" || fallback === "latest" || /^v?\d+\.\d+\.\d+/.test(fallback);
}

const minorAndPatch = ["6131", "4177"] as const;
const commitText = "c0ffee5eed5eed5eed5eed5eed5eed5eed5eed5e";
const branchText = "branch7907probe";

/** A probe for the `index`-th of several variables; versions differ in their major number. */
export function makeProbe(name: string, meaning: VariableMeaning, index: number): Probe {
  switch (meaning) {
    case "version":
      return { name, meaning, text: [7919 + index, ...minorAndPatch].join(".") };
    case "commit":
      return { name, meaning, text: commitText };
    case "branch":
      return { name, meaning, text: branchText };
  }
}

/** A probe for a variable that may hold the version. */
export function makeGuess(name: string, index: number): Probe {
  return { ...makeProbe(name, "version", index), isGuess: true };
}

/** Probes that decide what tags say: those of commits and branches, and the first version in each tag; a guess where there is no other. */
export function decidingProbes(probes: readonly Probe[], tags: readonly string[]): Probe[] {
  const isInName = (probe: Probe): boolean => tags.some((tag) => tag.replace(tagPattern, "").includes(major(probe)));
  const candidates = probes.filter((probe) => probe.isGuess === undefined || !isInName(probe));
  const firsts = new Set(tags.map((tag) => firstVersion(candidates, tag)));
  return candidates.filter((probe) => probe.meaning !== "version" || firsts.has(probe));
}

function firstVersion(probes: readonly Probe[], tag: string): Probe | undefined {
  const found = probes
    .map((probe) => ({ probe, at: probe.meaning === "version" ? tag.indexOf(major(probe)) : -1 }))
    .filter(({ at }) => at >= 0)
    .sort((left, right) => left.at - right.at);
  const sure = found.find(({ probe }) => probe.isGuess === undefined);
  return sure?.probe ?? found.find(({ probe }) => beginsAlone(probe, tag, probes))?.probe;
}

/** The tag of a reference, or a tag alone. */
const tagPattern = /(?<=^|:)[^:/]*$/;

/** Whether a tag, with or without the image's name before it, begins with a probe and no version is written out in it. */
function beginsAlone(probe: Probe, tag: string, probes: readonly Probe[]): boolean {
  const text = tagPattern.exec(tag)?.[0] ?? "";
  const rest = probes.reduce((left, { text: probed }) => left.replaceAll(probed, ""), text);
  return text.replace(/^v/, "").startsWith(major(probe)) && !/\d\.\d+\.\d/.test(rest);
}

function major({ text }: Probe): string {
  return text.split(".")[0] ?? text;
}

/** The template of a tag that was made with probes; undefined: a release of a version does not give it, as it names a branch. */
export function templateOf(tag: string, probes: readonly Probe[]): string | undefined {
  if (tag.includes(branchText)) return undefined;
  let template = tag.replaceAll(/c0ffee5[0-9a-f]*/g, "{sha}");
  for (const probe of probes) {
    if (probe.meaning !== "version") continue;
    template = template.replaceAll(probe.text, "{version}").replaceAll(major(probe), "{major}");
  }
  return template.replaceAll(minorAndPatch[0], "{minor}").replaceAll(minorAndPatch[1], "{patch}");
}

/** Whether a text is made from the release's version. */
export function hasVersion(text: string, probes: readonly Probe[]): boolean {
  return probes.some((probe) => probe.meaning === "version" && text.includes(major(probe)));
}
