import { groupFlag } from "../recorded-release.ts";
import { parsedFlag, requiredWord, textFlag } from "../flag.ts";
import { type CommandSpec, initialValues, type OptionsOf } from "../spec.ts";
import type { SbomResult } from "../../model/sbom-document.ts";

/** Formats that `slipway sbom` writes. */
export type SbomFormat = "spdx" | "cyclonedx";

const written = {
  arguments: { service: requiredWord("<service>", "whose packages") },
  flags: {
    release: textFlag("--release <release>", "the release that ships the image (default: the last one)"),
    platform: textFlag("--platform <platform>", "such as linux/arm64 (default: the first of the release)"),
    diff: textFlag("--diff <release>", "show what changed since this release"),
    format: parsedFlag("--format <format>", "print the whole document: spdx, cyclonedx", {
      takes: "spdx or cyclonedx",
      parse: parseFormat,
    }),
    group: groupFlag,
  },
};

export type SbomOptions = OptionsOf<typeof written>;

export const sbom: CommandSpec<SbomOptions, SbomResult> = {
  name: "sbom",
  summary: "List the packages of a released image, and what changed between two releases",
  ...written,
  explanation: `
It reads the SBOM that BuildKit attached to the image when it was built.
Packages are compared by package URL, without version and qualifiers; those of
the base image apart, where the base has an SBOM of its own.`,
  examples: [
    { run: "slipway sbom api", for: "its packages, versions and licences" },
    { run: "slipway sbom api --diff 1.2.0", for: "what changed since 1.2.0" },
    { run: "slipway sbom api --format cyclonedx", for: "CycloneDX 1.6, for other tools" },
  ],
  defaults: initialValues(written),
  load: () => import("./run.ts"),
};

function parseFormat(text: string): SbomFormat | undefined {
  return text === "spdx" || text === "cyclonedx" ? text : undefined;
}
