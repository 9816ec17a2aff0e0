/** What a variable of a definition holds when its tags are made. */
export type VariableMeaning = "version" | "commit" | "branch";

/** A variable of a definition, and the text that stands for what it will hold at a release. */
export interface Probe {
  readonly name: string;
  readonly meaning: VariableMeaning;
  readonly text: string;
}

/** Words of names of variables that hold what their last word says, and not a version. */
const otherWords = ["SUFFIX", "PREFIX", "VARIANT", "FLAVOR", "DATE", "NAME", "REGISTRY", "REPO", "REPOSITORY", "IMAGE"];
const meanings: readonly (readonly [VariableMeaning, readonly string[]])[] = [
  ["commit", ["SHA", "COMMIT", "REVISION"]],
  ["branch", ["BRANCH"]],
  ["version", ["VERSION", "TAG", "RELEASE"]],
];
/** Variables that hold the release's version, whatever their default looks like. */
const ownNames: ReadonlySet<string> = new Set(
  ["", "APP_", "IMAGE_", "RELEASE_", "DOCKER_", "PROJECT_", "BUILD_"].flatMap((prefix) =>
    ["VERSION", "TAG", "RELEASE"].map((word) => `${prefix}${word}`),
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

/** Probes that decide what tags say: those of commits and branches, and the first version in each tag. */
export function decidingProbes(probes: readonly Probe[], tags: readonly string[]): Probe[] {
  const firsts = new Set(tags.map((tag) => firstVersion(probes, tag)));
  return probes.filter((probe) => probe.meaning !== "version" || firsts.has(probe));
}

function firstVersion(probes: readonly Probe[], tag: string): Probe | undefined {
  const found = probes
    .map((probe) => ({ probe, at: probe.meaning === "version" ? tag.indexOf(major(probe)) : -1 }))
    .filter(({ at }) => at >= 0);
  return found.sort((left, right) => left.at - right.at)[0]?.probe;
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
