/** The meaning of a variable that makes tags. */
export type VariableMeaning = "version" | "commit" | "branch";

/** A variable of a definition, and the text that represents its value at a release. */
export interface Probe {
  readonly name: string;
  readonly meaning: VariableMeaning;
  readonly text: string;
  /** Whether the meaning is a guess. Then it is the version only if it begins a tag without another version. */
  readonly isGuess?: true;
}

/** Last words of variable names that exclude a version. */
const otherWords = ["SUFFIX", "PREFIX", "VARIANT", "FLAVOR", "DATE", "NAME", "REGISTRY", "REPO", "REPOSITORY", "IMAGE"];
const versionWords = ["VERSION", "TAG", "RELEASE", "VER", "V"];
const meanings: readonly (readonly [VariableMeaning, readonly string[]])[] = [
  ["commit", ["SHA", "COMMIT", "REVISION"]],
  ["branch", ["BRANCH"]],
  ["version", versionWords],
];
/** Variables that hold the release's version, with any default. */
const ownNames: ReadonlySet<string> = new Set(
  ["", "APP_", "IMAGE_", "RELEASE_", "DOCKER_", "PROJECT_", "BUILD_"].flatMap((prefix) =>
    versionWords.map((word) => `${prefix}${word}`),
  ),
);

/**
 * Derives a variable's meaning from its name. `fallback`: its value if it is not set; `8.3` in `PHP_VERSION` is the version of a component,
 * not of the release.
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
 * Whether a variable may hold the version although its name does not say so. `fallback`: its default in the definition, not its value, so
 * that tags do not depend on the environment. A default such as `edge` or `8.3` excludes it.
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

/** Makes a probe for the `index`-th of several variables; versions differ in their major number. */
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

/** Makes a probe for a variable that may hold the version. */
export function makeGuess(name: string, index: number): Probe {
  return { ...makeProbe(name, "version", index), isGuess: true };
}

/** Keeps the probes that decide tags: those of commits and branches, and the first version in each tag; a guess if there is no other. */
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

/** Whether a tag, with or without the image's name, begins with a probe and contains no written version. */
function beginsAlone(probe: Probe, tag: string, probes: readonly Probe[]): boolean {
  const text = tagPattern.exec(tag)?.[0] ?? "";
  const rest = probes.reduce((left, { text: probed }) => left.replaceAll(probed, ""), text);
  return text.replace(/^v/, "").startsWith(major(probe)) && !/\d\.\d+\.\d/.test(rest);
}

function major({ text }: Probe): string {
  return text.split(".")[0] ?? text;
}

/** Makes the template of a tag with probes; undefined: the tag names a branch, so a version does not get it. */
export function templateOf(tag: string, probes: readonly Probe[]): string | undefined {
  if (tag.includes(branchText)) return undefined;
  let template = tag.replaceAll(/c0ffee5[0-9a-f]*/g, "{sha}");
  for (const probe of probes) {
    if (probe.meaning !== "version") continue;
    template = template.replaceAll(probe.text, "{version}").replaceAll(major(probe), "{major}");
  }
  return template.replaceAll(minorAndPatch[0], "{minor}").replaceAll(minorAndPatch[1], "{patch}");
}

/** Whether a text contains the release's version. */
export function hasVersion(text: string, probes: readonly Probe[]): boolean {
  return probes.some((probe) => probe.meaning === "version" && text.includes(major(probe)));
}
