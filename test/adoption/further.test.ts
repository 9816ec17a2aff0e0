import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { planInPlace } from "../../src/workflow/in-place/plan-in-place.ts";
import { expectedWorkflows } from "./further-expected.ts";
import { publishedOn, publishersOf, readFolder } from "./read-case.ts";

// Twelve repositories whose right values were written before Slipway read them; `further-first-run.md` has the result of the first run.
const folder = join(import.meta.dirname, "further");
const pin = { repository: "slipway-release/slipway", ref: "v1", commit: undefined };
const names = Object.keys(expectedWorkflows);

function plainEvents(events: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  const plain = (image: string): string => image.replace(/ if .*$/s, " if …").replaceAll(/‹[^‹›]*›/g, "‹…›");
  return Object.fromEntries(
    Object.entries(events).map(([event, images]) => [event, [...new Set(images.map(plain))].sort()]),
  );
}

function becomes(builds: boolean, how: string): string {
  if (!builds) return "no build";
  return how === "build-push-action" ? "build-push" : "setup";
}

describe("a repository that was not known when it was read", () => {
  test("has its right values beside it", () => {
    expect(
      readdirSync(folder)
        .map((file) => file.replace(/\.txt$/, ""))
        .toSorted(),
    ).toEqual(names.toSorted());
  });

  test.each(names)("%s publishes on each event what its workflow says", (name) => {
    const found = publishersOf(readFolder(folder, name));
    expect(plainEvents(publishedOn(found))).toEqual(plainEvents(expectedWorkflows[name]?.published ?? {}));
  });

  test.each(names)("%s changes in its building steps, and publishes the same", (name) => {
    const files = readFolder(folder, name);
    const found = publishersOf(files);
    const plan = planInPlace(found, { pin, forks: false, read: files.read });
    const steps = new Map<string, string>();
    for (const { step, builds, how } of plan.taken)
      if (builds || !steps.has(step)) steps.set(step, becomes(builds, how));
    for (const { publisher } of plan.left) steps.set(publisher.step, "left");
    expect(Object.fromEntries(steps)).toEqual(
      Object.fromEntries(expectedWorkflows[name]?.steps.map((each) => [each.step, each.becomes]) ?? []),
    );
    const texts = new Map(plan.files.map(({ file, after }) => [file, after]));
    const after = publishersOf({ paths: files.paths, read: (path) => texts.get(path) ?? files.read(path) });
    expect(publishedOn(after)).toEqual(publishedOn(found));
  });
});
