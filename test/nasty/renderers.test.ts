import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderPreviews, renderPreviewsGone } from "../../src/action/preview-comment.ts";
import { renderShadow } from "../../src/action/shadow-summary.ts";
import { printError } from "../../src/cli/session.ts";
import { configurationError, SlipwayError } from "../../src/errors.ts";
import type { Event } from "../../src/event.ts";
import { mapTexts } from "../../src/formats/plain-text.ts";
import { renderComparison } from "../../src/guides/comparison.ts";
import { renderOptimization } from "../../src/guides/optimization.ts";
import { renderQuickReference } from "../../src/guides/quick-reference.ts";
import { renderReadmeSection } from "../../src/guides/readme-section.ts";
import { makeGuideFacts, releasedTwice, replayed } from "../../src/guides/testing/facts.ts";
import { putSection, sectionMarkers } from "../../src/notes/images-section.ts";
import { renderNotes, renderShortNotes } from "../../src/notes/render-notes.ts";
import { first, growthOf, history, second } from "../../src/notes/testing/releases.ts";
import { annotateError } from "../../src/report/annotate-error.ts";
import { makeGitHubLog } from "../../src/report/github-log.ts";
import { makeSummaryFacts, renderStepSummary } from "../../src/report/step-summary.ts";
import { makeStage } from "../../src/report/testing/play.ts";
import { buildScript, releaseScript } from "../../src/report/testing/script.ts";
import { makeTestHost } from "../../src/testing/test-host.ts";
import { brokenRows, structureOf, wordsOf } from "./markdown-structure.ts";
import { mark, nastyText, outputFaults } from "./nasty-text.ts";

const numRuns = Number(process.env["SLIPWAY_CASES"] ?? (process.env["SLIPWAY_NIGHTLY"] === "1" ? 3000 : 25));
const many = { numRuns };

/** Fields that are parsed before any renderer gets them, or have one of a few words. */
const fixed =
  /^(?:kind|state|phase|what|change|tier|direction|origin|outcome|platform|platforms|image|images|digest|digests|from|to|fingerprint|commit|sha|at|builtAt|releasedAt|source|url|layout|versions|preview|theirs)$/;

/** The same value with other texts: the nasty ones in turn, or plain ones in the same places. */
function withTexts<T>(value: T, texts: readonly string[]): T {
  let next = 0;
  return mapTexts(value, (text, field) =>
    field === "" || fixed.test(field) || text === "" ? text : (texts[next++ % texts.length] ?? text),
  );
}

/** Each with a number, so that no two become one when what cannot be shown is taken out. */
const texts = fc
  .array(nastyText(), { minLength: 3, maxLength: 8 })
  .map((all) => all.map((text, at) => (at % 2 === 0 ? `${text}q${at}` : `q${at}${text}`)));
const plainOf = (nasty: readonly string[]): string[] => nasty.map((_, at) => `plain${at}`);

// oxlint-disable-next-line no-control-regex -- what the live view moves the cursor with
const ofTheView = /\u001b\[(?:\?25[hl]|\?2026[hl]|K|J|\d+A)|\r(?=[^\n]|$)/g;

const script: readonly (number | Event)[] = [...buildScript, ...releaseScript];

describe("names that strangers chose", () => {
  test.each(["plain", "quiet", "live"] as const)("steer no terminal in the %s view", (mode) => {
    fc.assert(
      fc.property(texts, fc.boolean(), (nasty, verbose) => {
        const stage = makeStage({ mode, verbose });
        for (const step of withTexts(script, nasty)) {
          if (typeof step === "number") stage.wait(Math.min(step, 1));
          else stage.emit(step);
        }
        stage.reporter.close();
        // The live view moves the cursor by sequences of its own; a name has none of them.
        const shown = stage.terminal.written().replaceAll(ofTheView, "");
        expect(outputFaults(shown)).toEqual([]);
      }),
      many,
    );
  });

  test.each([true, false])("start no command in a job's log (follows: %s)", (follows) => {
    fc.assert(
      fc.property(texts, (nasty) => {
        const host = makeTestHost();
        const log = makeGitHubLog(host, { follows, every: () => () => undefined });
        for (const step of withTexts(script, nasty)) if (typeof step !== "number") log.emit(step);
        log.close();
        expect(logFaults(host.printed.stdout)).toEqual([]);
      }),
      many,
    );
  });

  test("stay on their lines in errors, and in annotations of them", () => {
    fc.assert(
      fc.property(nastyText(), nastyText(), (one, two) => {
        const quoted = new SlipwayError("failed", `reading "${one}": no`, { hint: `look at "${two}"` });
        const faults = configurationError([{ file: one, line: 1, message: `"${two}" is unknown` }]);
        for (const error of [quoted, faults, new Error(one)]) {
          const host = makeTestHost();
          printError(host, error, {});
          expect(outputFaults(host.printed.stderr)).toEqual([]);
          expect(logFaults(annotateError(error).join("\n"))).toEqual([]);
        }
        expect(quoted.message.split("\n")).toHaveLength(1);
        expect(faults.message.split("\n")).toHaveLength(1);
      }),
      many,
    );
  });
});

const release = { release: second, previous: first, commits: history, growth: [growthOf("api")] };
const facts = makeGuideFacts();
const shadow = {
  images: [
    {
      service: "api",
      platform: "linux/amd64",
      outcome: "built" as const,
      state: "differs" as const,
      because: null,
      theirs: null,
      differences: [{ name: "layer", detail: "x" }],
    },
    {
      service: "web",
      platform: "linux/amd64",
      outcome: "reused" as const,
      state: "unknown" as const,
      because: "why",
      theirs: null,
      differences: [],
    },
  ],
};
const previews = {
  commit: "0123456789",
  services: [
    { service: "api", outcome: "built", preview: { reference: "ghcr.io/acme/api:pr-1", digest: "sha256:1" } },
    { service: "web", outcome: "failed", preview: null },
  ],
  growth: [growthOf("api")],
};

const documents: readonly (readonly [name: string, render: (of: <T>(value: T) => T) => string])[] = [
  ["release notes", (of) => renderNotes(of(release))],
  ["short notes", (of) => renderShortNotes(of(release))],
  ["a step's summary", (of) => summarize(oneReason(of(script)), of("title"), of("why"))],
  ["the quick reference", (of) => renderQuickReference(of(facts))],
  ["the optimization guide", (of) => renderOptimization(of(facts))],
  ["the comparison of releases", (of) => renderComparison(of({ ...facts, measured: releasedTwice }))],
  ["the comparison by replay", (of) => renderComparison(of({ ...facts, measured: replayed }))],
  ["the comparison of nothing", (of) => renderComparison(of(facts))],
  [
    "the README's section",
    (of) => renderReadmeSection(of(facts), { quickReference: "a.md", optimization: "b.md", comparison: "c.md" }),
  ],
  ["a shadow run's summary", (of) => renderShadow(of(shadow) as never).join("\n\n")],
  ["the comment with previews", (of) => renderPreviews(of(previews) as never) ?? ""],
  ["the comment without previews", (of) => renderPreviewsGone(of([{ reference: "x" }]))],
];

describe.each(documents)("strangers' names in %s", (_, render) => {
  test("are words: no markup, no cell, no mention, no line of their own", () => {
    fc.assert(
      fc.property(texts, (nasty) => {
        const text = render((value) => withTexts(value, nasty));
        expect(partsOf(text)).toEqual(partsOf(render((value) => withTexts(value, plainOf(nasty)))));
        expect(brokenRows(text)).toEqual([]);
        expect(wordsOf(text)).not.toMatch(/@octocat/);
        expect(text).not.toMatch(/(?!\n)[\p{Cc}\u2028-\u202e\u2066-\u2069]|^\s*::/mu);
        expect(putSection("", text).split(sectionMarkers.end)).toHaveLength(2);
        expect(text).not.toContain("<!-- slipway:end images -->");
      }),
      many,
    );
  });
});

/** Names decide how rows are sorted, so the order of the parts does not count. */
function partsOf(markdown: string): string[] {
  return (structureOf(markdown).match(/html\([^)]*\)|[a-z_]+/g) ?? []).sort();
}

/** Why something failed may be several lines, and is shown as several. */
function oneReason<T>(steps: T): T {
  return mapTexts(steps, (text, field) => (field === "because" ? text.replaceAll("\n", " ") : text));
}

function summarize(steps: readonly (number | Event)[], title: string, lead: string): string {
  const told = makeSummaryFacts(() => 0);
  for (const step of steps) if (typeof step !== "number") told.emit(step);
  return renderStepSummary(told, { title, lead, more: [], fault: `${title}\n${lead}` });
}

/** As `outputFaults`; annotations and groups are commands of the log's own, in which no attack stands where a command's name does. */
function logFaults(log: string): string[] {
  const own = /^::(?:error|warning|notice|group|endgroup)(?: [^:]*)?::/;
  const attack = new RegExp(`^::[a-z]+(?: [^:]*)?::${mark}$`);
  const lines = log.split("\n");
  return [
    ...lines.filter((line) => attack.test(line)),
    ...outputFaults(lines.filter((line) => !own.test(line)).join("\n")),
  ];
}
