import { codeBlock, escapeMarkdown, renderMarkdownTable } from "../formats/markdown.ts";
import { renderBytes, renderCount, renderDuration } from "../model/units.ts";
import type { GuideFacts, MeasuredNumbers, ReleaseNumbers, ReplayNumbers } from "./facts.ts";

/** US dollars a minute of GitHub's Linux runners with two cores for private repositories, since 2026-01-01. Source: docs.github.com, "Actions runner pricing". */
const dollarsPerMinute = 0.006;

/** Renders before and after with numbers of this repository; without any yet, what will be measured, and how. */
export function renderComparison(facts: GuideFacts): string {
  return [
    `A workflow that builds every image of ${escapeMarkdown(facts.repository)} every time, and one that builds what changed.`,
    "## How they differ",
    differences(),
    "## Measured here",
    ...measured(facts),
    ...checkout(facts),
    "## Measure again",
    "The numbers above are written by `slipway init --guides`; run again, it brings them up to date:",
    codeBlock(["npx slipway init --guides --dry-run"]),
  ].join("\n\n");
}

function differences(): string {
  const rows = [
    ["What is built", "every service, every time", "services whose inputs changed"],
    [
      "What runs after a release",
      "everything restarts: each image has a new digest",
      "what did not change keeps its digest",
    ],
    [
      "One build fails",
      "tags of the others have moved already",
      "no tag moves; what was built is reused by the next run",
    ],
    ["`latest`", "goes to whoever finishes last", "goes to the highest version"],
    ["Caches", "scopes by hand, which overwrite each other", "a scope a service and platform; three tiers"],
    ["Checkout", "the whole repository in each job", "the files that the job's service reads"],
    ["Rolling back", "a new build of an old commit", "tags move back in seconds"],
  ];
  return renderMarkdownTable(
    [{ title: "" }, { title: "Before: all of it, every time" }, { title: "After: Slipway" }],
    rows,
  );
}

function measured(facts: GuideFacts): string[] {
  switch (facts.measured.kind) {
    case "nothing":
      return [notYet(facts.measured.because), promise()];
    case "replay":
      return [...replayed(facts.measured.replay), promise()];
    case "releases":
      return released(facts.measured);
  }
}

function notYet(because: string): string {
  return `Nothing can be measured yet: ${escapeMarkdown(because)}.`;
}

function promise(): string {
  return "Build times, bytes, minutes and cost are measured with each release, from the first one on: the release manifest in the registry says of each service whether it was built, how long that took and how large its image is. This page shows them when it is written again after that.";
}

function replayed({ commits, built, reused, missedByFolder, services }: ReplayNumbers): string[] {
  const all = built + reused;
  const rows = services.map((each) => [
    escapeMarkdown(each.service),
    String(each.built + each.reused),
    String(each.built),
    String(each.reused),
    String(each.missedByFolder),
  ]);
  return [
    `From the last ${renderCount(commits, "commit")}, by \`slipway replay\`: what building everything at each of them builds, and what had really changed.`,
    renderMarkdownTable(
      [
        { title: "Service" },
        { title: "Builds before", right: true },
        { title: "Builds after", right: true },
        { title: "Needless before", right: true },
        { title: "Missed by a rule of folders", right: true },
      ],
      [...rows, ["**all**", String(all), String(built), String(reused), String(missedByFolder)]],
    ),
    all === 0
      ? "No service was there in any of them."
      : `${percent(reused, all)} of the builds would have been needless. The last column counts changes that reach a service from outside of its own folder, which a \`paths:\` filter of a workflow would have missed.`,
  ];
}

function released({ releases }: Extract<MeasuredNumbers, { kind: "releases" }>): string[] {
  const sum = (of: (release: ReleaseNumbers) => number): number => releases.reduce((all, each) => all + of(each), 0);
  const built = sum((each) => each.built.length);
  const reused = sum((each) => each.reused.length);
  const seconds = sum((each) => each.buildSeconds);
  const saved = sum((each) => each.savedSeconds);
  const bytes = sum((each) => each.builtBytes);
  const savedBytes = sum((each) => each.savedBytes);
  const unmeasured = [...new Set(releases.flatMap((each) => each.unmeasured))].sort();
  const rows = releases.map((each) => [
    escapeMarkdown(each.name),
    each.releasedAt.slice(0, 10),
    String(each.built.length),
    String(each.reused.length),
    renderDuration(each.buildSeconds),
    renderDuration(each.buildSeconds + each.savedSeconds),
  ]);
  const totals: readonly (readonly [string, string, string, string])[] = [
    ["Image builds", String(built + reused), String(built), `${percent(reused, built + reused)} fewer`],
    [
      "Build time, one service after the other",
      renderDuration(seconds + saved),
      renderDuration(seconds),
      fewer(saved, seconds + saved),
    ],
    [
      "Image bytes built and pushed",
      renderBytes(bytes + savedBytes),
      renderBytes(bytes),
      fewer(savedBytes, bytes + savedBytes),
    ],
    ["Runner minutes", minutes(seconds + saved), minutes(seconds), fewer(saved, seconds + saved)],
    ["Cost", cost(seconds + saved), cost(seconds), ""],
  ];
  return [
    `From the last ${renderCount(releases.length, "release")}, by the release manifests in the registry.`,
    renderMarkdownTable(
      [{ title: "" }, { title: "Before", right: true }, { title: "After", right: true }, { title: "" }],
      totals,
    ),
    `**Before** is what building every service at each of these releases takes: for a service that was reused, the time and size of its last build that a release tells of.${
      unmeasured.length === 0
        ? ""
        : ` No release tells the build time of ${unmeasured.map(escapeMarkdown).join(", ")}, so that the time before is higher than it says here.`
    } Minutes are build times alone: what jobs need to start comes on top on both sides. The cost is minutes × $${dollarsPerMinute}, the price of GitHub's Linux runners with two cores for private repositories; public ones pay nothing.`,
    renderMarkdownTable(
      [
        { title: "Release" },
        { title: "Day" },
        { title: "Built", right: true },
        { title: "Reused", right: true },
        { title: "Build time", right: true },
        { title: "Building everything", right: true },
      ],
      rows,
    ),
  ];
}

function checkout({ services, tracked, layout }: GuideFacts): string[] {
  const readable = services.flatMap(({ reads }) => (reads === null ? [] : [reads]));
  const known = readable.flatMap(({ bytes }) => bytes ?? []);
  if (layout === "single" || tracked.bytes === null || readable.length === 0 || known.length < readable.length)
    return [];
  const total = known.reduce((all, bytes) => all + bytes, 0);
  const files = readable.reduce((all, each) => all + each.files, 0);
  const whole = tracked.bytes * readable.length;
  return [
    "## Checkout, measured here",
    "Files of the working tree that the build jobs of all services fetch, at this commit; git's history, which a full checkout can bring as well, is not counted.",
    renderMarkdownTable(
      [{ title: "" }, { title: "Before", right: true }, { title: "After", right: true }, { title: "" }],
      [
        [
          "Files",
          String(tracked.files * readable.length),
          String(files),
          fewer(tracked.files * readable.length - files, tracked.files * readable.length),
        ],
        ["Bytes", renderBytes(whole), renderBytes(total), fewer(whole - total, whole)],
      ],
    ),
  ];
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "0 %" : `${Math.round((100 * part) / whole)} %`;
}

function fewer(saved: number, before: number): string {
  return before <= 0 ? "" : `${percent(saved, before)} less`;
}

function minutes(seconds: number): string {
  return (seconds / 60).toFixed(1);
}

function cost(seconds: number): string {
  return `$${((seconds / 60) * dollarsPerMinute).toFixed(4)}`;
}
