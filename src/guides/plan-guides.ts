import { configurationError } from "../errors.ts";
import { renderComparison } from "./comparison.ts";
import type { GuideFacts } from "./facts.ts";
import { renderOptimization } from "./optimization.ts";
import { renderQuickReference } from "./quick-reference.ts";
import { renderReadmeSection } from "./readme-section.ts";
import { markerFault, type Section, whoWroteSection, withSection } from "./section.ts";

/** One file of the guides as it is and as it is to be. */
export interface GuideFile {
  readonly path: string;
  readonly before: string | null;
  readonly after: string;
  /** Of what is between the markers; null: there is no file yet. `foreign`: a person's file, which the section joins. */
  readonly written: "generated" | "edited" | "foreign" | null;
}

interface Page {
  readonly path: string;
  readonly heading: string;
  readonly section: Section;
}

const folder = "docs";
/** Where the guides are, relative to the repository root. */
export const guidePaths = {
  quickReference: `${folder}/DOCKER_QUICK_REFERENCE.md`,
  optimization: `${folder}/DOCKER_BUILD_OPTIMIZATION.md`,
  comparison: `${folder}/DOCKER_WORKFLOW_COMPARISON.md`,
} as const;

/** Every file that the guides write. `readme`: the README's path, whether or not it is there. */
function pagesOf(facts: GuideFacts, readme: string): readonly Page[] {
  return [
    {
      path: guidePaths.quickReference,
      heading: "# Docker images: quick reference",
      section: { name: "quick-reference", text: renderQuickReference(facts) },
    },
    {
      path: guidePaths.optimization,
      heading: "# Docker images: how the build is optimized",
      section: { name: "build-optimization", text: renderOptimization(facts) },
    },
    {
      path: guidePaths.comparison,
      heading: "# Docker images: the workflow before and after",
      section: { name: "workflow-comparison", text: renderComparison(facts) },
    },
    {
      path: readme,
      heading: `# ${facts.repository.slice(facts.repository.lastIndexOf("/") + 1)}`,
      section: { name: "docker-images", text: renderReadmeSection(facts, guidePaths) },
    },
  ];
}

/**
 * The guides' files. What is outside of their markers stays. Throws `configuration` with every marker that does not fit.
 */
export function planGuides(facts: GuideFacts, readme: string, before: ReadonlyMap<string, string>): GuideFile[] {
  const pages = pagesOf(facts, readme);
  const faults = pages.flatMap(({ path, section }) => {
    const fault = markerFault(before.get(path) ?? "", section.name);
    return fault === undefined ? [] : [{ file: path, line: fault.line, message: fault.message }];
  });
  if (faults.length > 0) {
    throw configurationError(faults, "put the markers right, or remove both: then the section is written anew");
  }
  return pages.map(({ path, heading, section }) => {
    const text = before.get(path) ?? null;
    return { path, before: text, after: withSection(text, section, heading), written: writtenBy(text, section.name) };
  });
}

function writtenBy(text: string | null, name: string): GuideFile["written"] {
  if (text === null) return null;
  const who = whoWroteSection(text, name);
  return who === "absent" ? "foreign" : who;
}
