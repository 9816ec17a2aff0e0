import type { DropInOptions, DropInResult } from "../../core/drop-in/request.ts";
import { codeSpan, escapeMarkdown, renderMarkdownTable } from "../../formats/markdown.ts";
import { renderDuration } from "../../model/units.ts";

/** Result of one image, for the step's summary. */
export interface ImageReport {
  /** Name of the image: `ghcr.io/acme/api:main`, or a bake target. */
  readonly name: string;
  readonly result: DropInResult;
  /** Seconds that buildx took; undefined: it did not run for this image alone. */
  readonly seconds: number | undefined;
}

/** Data for the step's part of the job's summary. */
export interface StepReport {
  readonly reuse: DropInOptions["reuse"];
  readonly images: readonly ImageReport[];
  /** Tags with fingerprints that were written for the first time: `ghcr.io/acme/api:fp-…`. */
  readonly firstTags: readonly string[];
}

const noteOnTags =
  "Fingerprints are tags beside the image, which nobody pulls: they say what an image was built from, so that it need not be built again.";

/** Renders which images were built or reused, for what reason, and how much time reuse saved. */
export function renderDropInSummary({ reuse, images, firstTags }: StepReport): string {
  const head = [
    { title: "Image" },
    { title: "Result" },
    { title: "Why" },
    { title: "Digest" },
    { title: "Time", right: true },
  ];
  const rows = images.map(({ name, result, seconds }) => [
    codeSpan(name),
    outcomeOf(result),
    escapeMarkdown(result.because),
    result.digest === undefined ? "" : codeSpan(result.digest),
    timeOf(result, seconds),
  ]);
  const first = firstTags.map(codeSpan).join(", ");
  const blocks = [
    "## Slipway",
    renderMarkdownTable(head, rows),
    ...images.flatMap(spoilingArgs),
    ...(reuse === "report"
      ? [`Nothing was reused: ${codeSpan("reuse: report")} builds everything, and compares.`]
      : []),
    ...(firstTags.length === 0 ? [] : [`Written for the first time: ${first}. ${noteOnTags}`]),
  ];
  return `${blocks.join("\n\n")}\n\n`;
}

function outcomeOf({ kind, exitCode, wouldReuse }: DropInResult): string {
  if (exitCode !== 0) return "❌ failed";
  if (kind === "reused") return "reused";
  if (wouldReuse === undefined || wouldReuse === null) return "built";
  const { digest, isSameContent } = wouldReuse;
  return `built; would have reused ${codeSpan(digest)}, ${isSameContent ? "whose content is the same" : "whose content is **another**"}`;
}

function timeOf({ kind, savedSeconds }: DropInResult, seconds: number | undefined): string {
  if (kind === "built") return seconds === undefined ? "" : renderDuration(seconds);
  return savedSeconds === null ? "" : `saved ${renderDuration(savedSeconds)}`;
}

function spoilingArgs({ name, result }: ImageReport): string[] {
  return result.spoiledBy.map(
    (arg) =>
      `${codeSpan(name)} is built at every commit, because the build arg ${codeSpan(arg)} has another value each time. With ${codeSpan(`stamp: ${arg}`)} it is no reason to build.`,
  );
}
