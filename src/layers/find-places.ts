import type { Command, Dockerfile, Stage } from "../dockerfile/syntax/dockerfile.ts";
import { addTo } from "../model/lists.ts";

/**
 * Finds the line of the Dockerfile for each own layer, from the lowest to the highest; null: no instruction there is the same. Layers and
 * instructions are paired in their order: one by one if they are of the same kinds, since an image has variables of COPY expanded; else by their
 * text, because the Dockerfile may be another one than the image was built from.
 */
export function findPlaces(
  instructions: readonly (string | null)[],
  dockerfile: Dockerfile,
  target: string | undefined,
): (number | null)[] {
  const made = stagesOf(dockerfile, target).flatMap(({ commands }) => commands.filter(makesLayer));
  const written = made.map((command) => ({ line: command.line, text: instructionOf(command) }));
  const counted = instructions.map((text) => (text === null ? "" : withoutFlags(text.split(" "))));
  const copied = counted.map((text, at) => ({ at, text })).filter(({ text }) => keywordOf(text) !== "WORKDIR");
  const isSame =
    copied.length === written.length &&
    copied.every(({ text }, at) => keywordOf(text) === keywordOf(written[at]?.text ?? ""));
  if (isSame) {
    const lines = new Map(copied.map(({ at }, place) => [at, written[place]?.line ?? null]));
    return counted.map((_, at) => lines.get(at) ?? null);
  }
  return pairByText(counted, written);
}

/** Pairs equal texts in their order. */
function pairByText(texts: readonly string[], written: readonly WrittenInstruction[]): (number | null)[] {
  const waiting = new Map<string, { readonly at: number; readonly line: number }[]>();
  for (const [at, { line, text }] of written.toReversed().entries()) {
    addTo(waiting, text, { at: written.length - 1 - at, line });
  }
  let next = 0;
  return texts.map((text) => {
    const same = waiting.get(text) ?? [];
    let found = same.pop();
    while (found !== undefined && found.at < next) found = same.pop();
    if (found === undefined) return null;
    next = found.at + 1;
    return found.line;
  });
}

interface WrittenInstruction {
  readonly line: number;
  readonly text: string;
}

/** The target stage, after the stages that it starts from. */
function stagesOf({ stages }: Dockerfile, target: string | undefined): Stage[] {
  const chain: Stage[] = [];
  let stage = target === undefined ? stages.at(-1) : findStage(stages, target, stages.length);
  while (stage !== undefined) {
    chain.unshift(stage);
    stage = findStage(stages, stage.base, stage.index);
  }
  return chain;
}

/** The last stage of a name, or the stage with a number, among those before `end`. */
function findStage(stages: readonly Stage[], name: string, end: number): Stage | undefined {
  const wanted = name.toLowerCase();
  return stages
    .slice(0, end)
    .findLast((stage) => stage.name === wanted || (/^\d{1,6}$/.test(wanted) && stage.index === Number(wanted)));
}

function makesLayer({ kind }: Command): boolean {
  return kind === "copy" || kind === "run";
}

function instructionOf({ text }: Command): string {
  return withoutFlags(text.split(/\s/).filter((word) => word !== ""));
}

/** `COPY src /src` of `COPY --chown=node src /src`: the flags in a history are fewer than in the Dockerfile. */
function withoutFlags([keyword = "", ...rest]: readonly string[]): string {
  const start = rest.findIndex((word) => !word.startsWith("--"));
  return [keyword.toUpperCase(), ...(start < 0 ? [] : rest.slice(start))].join(" ");
}

function keywordOf(text: string): string {
  const end = text.indexOf(" ");
  return end < 0 ? text : text.slice(0, end);
}
