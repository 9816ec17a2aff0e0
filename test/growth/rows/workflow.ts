import { expect } from "vitest";
import { lines, list, type Row } from "../row.ts";

/** Workflows, and what configures semantic-release. */
export async function workflowRows(): Promise<readonly Row[]> {
  const [adopt, source, releaserc, diff, plan, render, readBack, facts, sections, merge, compare, rule, reference] =
    await Promise.all([
      import("../../../src/workflow/adopt/adopt-workflow.ts"),
      import("../../../src/workflow/adopt/source.ts"),
      import("../../../src/workflow/releaserc.ts"),
      import("../../../src/workflow/unified-diff.ts"),
      import("../../../src/workflow/plan-workflow.ts"),
      import("../../../src/workflow/render-workflow.ts"),
      import("../../../src/workflow/read-back.ts"),
      import("../../../src/workflow/testing/facts.ts"),
      import("../../../src/guides/section.ts"),
      import("../../../src/workflow/merge-adopted.ts"),
      import("../../../src/core/init/compare-conversion.ts"),
      import("../../../src/workflow/adopt/release-rule.ts"),
      import("../../../src/model/reference.ts"),
    ]);
  const workflow = (size: number): string => {
    const services = list(size, (index) => facts.service(`s${index}`, index > 0 ? { needs: ["s0"] } : {}));
    return render.renderWorkflow(plan.planWorkflow(facts.makeFacts({ services })));
  };
  const options = (file: string, text: string) => ({
    repository: "a/b",
    trunk: "main",
    files: { paths: new Set([file]), read: (path: string) => (path === file ? text : undefined) },
    nameOf: (_: string, context: string): string => context,
    readsBake: false,
  });
  return [
    [
      "a workflow of many jobs",
      12,
      (size) => {
        const job = (index: number): string => `  # is ${index}\n  j${index}:\n    steps: [{ run: a }, { run: b }]`;
        const text = `on: push\njobs:\n${lines(size, job)}`;
        return () => source.parseWorkflow("a.yml", text);
      },
    ],
    [
      "a workflow of many jobs in one line below many comments",
      12,
      (size) => {
        const jobs = list(size, (index) => `j${index}: { a: b }`).join(", ");
        const text = `on: push\n${lines(size, () => "# a")}\njobs: { ${jobs} }`;
        return () => source.parseWorkflow("a.yml", text);
      },
    ],
    [
      "a workflow of many builds",
      12,
      (size) => {
        const step = (index: number): string =>
          `      - uses: docker/build-push-action@v6\n        with: { context: a${index}, push: true, tags: "a/b${index}:c" }`;
        const text = `on: { push: { branches: [main] } }\njobs:\n  a:\n    steps:\n${lines(size, step)}`;
        const read = source.parseWorkflow("a.yml", text) ?? expect.unreachable();
        return () => adopt.adoptWorkflow(read, options("a.yml", text));
      },
    ],
    [
      "semantic-release's configuration",
      12,
      (size) => {
        const text = `plugins:\n${lines(size, (index) => `  - p${index}`)}\n${lines(size, (index) => `a${index}: b`)}`;
        return () => releaserc.pluginsOf(text);
      },
    ],
    [
      "a diff of texts that begin differently",
      60,
      (size) => {
        const text = lines(size, (index) => `a${index}`);
        return () => diff.unifiedDiff("a", text, `b\n${text}`);
      },
    ],
    [
      "a workflow that Slipway makes for many services, and reads again",
      12,
      (size) => () => {
        const text = workflow(size);
        const read = source.parseWorkflow("a.yml", text) ?? expect.unreachable();
        return readBack.readOwnWorkflow(read, text);
      },
    ],
    [
      "adopted workflows that are put together",
      12,
      (size) => {
        const text = `on: push\njobs:\n  a:\n    steps:\n      - uses: docker/build-push-action@v6\n        with: { context: a, push: true, tags: "a/b:c" }`;
        const read = source.parseWorkflow("a.yml", text) ?? expect.unreachable();
        const adopted = adopt.adoptWorkflow(read, options("a.yml", text));
        if (adopted === undefined) expect.unreachable();
        const all = list(size, () => adopted);
        return () => merge.mergeAdopted(all);
      },
    ],
    [
      "what many builds publish before and after a conversion",
      6,
      (size) => {
        const images = list(size, (index) => reference.parseImageName(`docker.io/a/b${index}`) ?? expect.unreachable());
        const step = (index: number): string =>
          `      - uses: docker/build-push-action@v6\n        with: { context: a${index}, push: true, tags: "a/b${index}:c" }`;
        const text = `on: { push: { branches: [main] } }\njobs:\n  a:\n    steps:\n${lines(size, step)}`;
        const generated = workflow(1);
        const files = { paths: new Set(["a.yml"]), read: () => text };
        const services = images.map((image, index) => ({
          name: `b${index}`,
          group: "default",
          images: [image] as const,
          tags: { version: [], branch: ["c"] },
        }));
        const project = { services, groups: [] };
        const after = { file: "b.yml", files: { paths: new Set(["b.yml"]), read: () => generated }, project };
        const given = { replaced: ["a.yml"], files, before: undefined, after };
        return () => compare.compareConversion(given, { repository: "a/b", trunk: "main" });
      },
    ],
    [
      "a rule of many events, written and read",
      30,
      (size) => {
        const events = list(size, (index) => `e${index}`);
        return () =>
          rule.parseReleaseRule(
            `\${{ ${rule.renderReleaseRule({ events, branches: "trunk", byHand: "all" }, "main") ?? ""} }}`,
          );
      },
    ],
    [
      "a file with many lone markers of sections",
      60,
      (size) => {
        const text = `${"<!-- slipway:begin a -->\n".repeat(size)}${"<!-- slipway:begin b -->\n".repeat(size)}`;
        return () => [
          sections.markerFault(text, "a"),
          sections.whoWroteSection(text, "b"),
          sections.withSection(text, { name: "c", text }, "h"),
        ];
      },
    ],
  ];
}
