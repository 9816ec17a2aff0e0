import { algorithmSetting, type InputChange } from "../model/inputs.ts";
import type { Reason, Step } from "../model/plan.ts";
import { printable } from "../formats/plain-text.ts";

/** How many changed inputs a step's line names before it says "and 12 more". */
const namedInputs = 3;

/** Why a service is built, reused or waits, in one line for a person: `changed: src/main.ts, build arg PORT`. */
export function explainStep(step: Step): string {
  return printable(explainReason(step.reason));
}

/** The reasons that a service and a single build have in common, in one line. */
export function explainReason(reason: Reason): string {
  switch (reason.kind) {
    case "unchanged":
      return "nothing changed since its published image";
    case "no-image":
      return "no image of these inputs has been published yet";
    case "platform-missing":
      return `${listAll(reason.platforms)} ${reason.platforms.length === 1 ? "is" : "are"} missing: no image of these inputs has been published for ${reason.platforms.length === 1 ? "it" : "them"} yet`;
    case "inputs-changed":
      return `changed: ${listSome(byInterest(reason.changes).map(nameChange))}`;
    case "base-moved":
      return `base image moved: ${listSome(reason.bases)}`;
    case "counted-anew":
      return "built once more: this version of Slipway counts inputs more exactly than the one that built its image";
    case "may-not-look-up":
      return reason.because;
    case "waits":
      return `decided when ${listAll(reason.for)} ${reason.for.length === 1 ? "is" : "are"} done`;
    case "volatile":
      return `always built: ${reason.because}`;
    case "forced":
      return "forced";
    case "too-old":
      return `built on ${reason.builtAt.slice(0, 10)}, which is more than ${renderRefresh(reason.refreshSeconds)} ago (refresh)`;
    case "not-whole":
      return `its published image is not whole: ${reason.missing}`;
  }
}

/** What a line names first: what decides most comes before files, of which there can be thousands. */
const order: readonly InputChange["what"][] = ["instruction", "arg", "base", "context", "setting", "file"];

const nouns: Readonly<Record<InputChange["what"], readonly [prefix: string, plural: string]>> = {
  file: ["", "files"],
  instruction: ["", "instructions"],
  arg: ["build arg ", "build args"],
  base: ["base ", "base images"],
  context: ["context ", "named contexts"],
  setting: ["setting ", "settings"],
};

function byInterest(changes: readonly InputChange[]): InputChange[] {
  const rank = ({ what, name }: InputChange): number =>
    what === "setting" && name === algorithmSetting ? order.length : order.indexOf(what);
  return [...changes].sort((left, right) => rank(left) - rank(right));
}

function nameChange({ what, name, change }: InputChange): string {
  if (what === "setting" && name === algorithmSetting) return "how Slipway counts inputs";
  const shown = what === "instruction" ? shortenInstruction(name) : name;
  return `${nouns[what][0]}${shown}${change === "changed" ? "" : change === "added" ? " (new)" : " (removed)"}`;
}

function shortenInstruction(instruction: string): string {
  const line = instruction.replace(/\s+/g, " ").trim();
  if (line.length <= 48) return `"${line}"`;
  // Never half of a surrogate pair.
  return `"${line.slice(0, 47).replace(/[\ud800-\udbff]$/, "")}…"`;
}

const groups: readonly InputChange["what"][] = ["file", "instruction", "arg", "base", "context", "setting"];
const marks = { added: "+", removed: "-", changed: "~" } as const;

/**
 * Every change, a line each under a heading for its sort: `files (2)`, `  ~ src/main.ts`, `  + src/new.ts`.
 * `~` changed, `+` added, `-` removed.
 */
export function explainChanges(changes: readonly InputChange[]): string[] {
  return groups.flatMap((what) => {
    const group = changes.filter((change) => change.what === what);
    if (group.length === 0) return [];
    const lines = group.map(({ name, change }) => `  ${marks[change]} ${printable(name)}`);
    return [`${nouns[what][1]} (${group.length})`, ...lines];
  });
}

function listSome(names: readonly string[]): string {
  if (names.length <= namedInputs) return names.join(", ");
  return `${names.slice(0, namedInputs).join(", ")} and ${names.length - namedInputs} more`;
}

function listAll(names: readonly string[]): string {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;
}

function renderRefresh(seconds: number): string {
  for (const [unit, length] of [
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
  ] as const) {
    if (seconds >= length && seconds % length === 0) {
      const count = seconds / length;
      return `${count} ${unit}${count === 1 ? "" : "s"}`;
    }
  }
  return `${seconds} seconds`;
}
