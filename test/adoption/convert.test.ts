import { describe, expect, test } from "vitest";
import { convert, differencesOf, type Converted } from "./convert-case.ts";
import { caseNames, readCase } from "./read-case.ts";

/** Tags of each service of a case that is converted: those of versions, then those of branches. */
const converted: Readonly<Record<string, Readonly<Record<string, readonly (readonly string[])[]>>>> = {
  "A-separate-push": { api: [[], ["latest"]] },
  "C-outputs-push-expr": { api: [[], ["latest"]] },
  "D-sudo": { api: [[], ["latest"]] },
  "DD-echo-into-file": { api: [[], ["latest"]] },
  "F-schedule": { api: [[], ["latest"]] },
  "I-vault-id-token": { api: [[], ["latest"]] },
  "J-job-env": { api: [[], ["latest"]] },
  "MERGE-COSIGN": { api: [["{version}", "latest"], []] },
  "META-VERSION-ARG": { api: [["{version}", "latest"], []] },
  "NATIVE-ARM": { api: [[], ["{sha}", "edge"]] },
  "ONE-AFTER-OTHER": { api: [[], ["latest"]], web: [["v{version}"], []] },
  "PUSH-EXPR": { api: [[], ["latest"]] },
  "TWO-TAGS-SAME-REPO": { "api-3-11": [[], ["py3.11"]], "api-3-12": [[], ["py3.12"]] },
  "TWO-TARGETS": { api: [[], ["latest"]], web: [[], ["latest"]] },
  WORKDIR2: { web: [[], ["latest"]] },
};

/** Cases that stay with the first rung, each with its reasons. */
const refused: Readonly<Record<string, readonly RegExp[]>> = {
  "B-depot": [/publishes in other ways/],
  CYCLE: [/"smoke" between the builds of "base" and "app": one release builds all of them/],
  "DYN-MATRIX": [/the matrix of job "build", which is made while it runs: write its values/],
  "E-compose-push": [/publishes in other ways/],
  ENVS: [
    /different runners for linux\/amd64 \(self-hosted, gpu; GitHub's own\)/,
    /continue-on-error of job "b"/,
    /different environments \(staging; production\)/,
  ],
  "LOCAL-ACTION": [/publishes in other ways/],
  "MERGE-SHELL": [/tags of single platforms/, /which runs also when the build fails \(always\(\)\)/],
  "REUSABLE-LOCAL": [/publishes in other ways/],
};

/** Cases that would publish something else on one event, which is shown and asked. */
const different: Readonly<Record<string, readonly string[]>> = {
  "IF-MIXED": ["  pre-release tag", "    ghcr.io/acme/api:v1.3.0-rc.1", "  - ghcr.io/acme/api:stable"],
};

function made(name: string): Extract<Converted, { kind: "converted" }> {
  const result = convert(readCase(name));
  if (result.kind === "refused") throw new Error(result.because.join("\n"));
  return result;
}

describe("a conversion", () => {
  test("has a right value for each case", () => {
    const all = [converted, refused, different].flatMap((each) => Object.keys(each));
    expect(all.toSorted()).toEqual(caseNames().toSorted());
  });

  test.each(Object.keys(converted))("of %s is a valid workflow that publishes the same on each event", (name) => {
    const { faults, comparison, adopted } = made(name);
    expect(faults).toEqual([]);
    expect(differencesOf(comparison)).toEqual([]);
    const tags = adopted.services.map((service) => [service.name, [service.tags?.version, service.tags?.branch]]);
    expect(Object.fromEntries(tags)).toEqual(converted[name]);
  });

  test.each(Object.keys(refused))("of %s is refused, with each reason once", (name) => {
    const result = convert(readCase(name));
    if (result.kind === "converted") expect.unreachable(result.text);
    expect(result.because).toEqual((refused[name] ?? []).map((reason) => expect.stringMatching(reason)));
  });

  test.each(Object.keys(different))("of %s shows what would be published otherwise", (name) => {
    const { faults, comparison } = made(name);
    expect(faults).toEqual([]);
    expect(differencesOf(comparison)).toEqual(different[name]);
  });
});
