import type { VerifyDocument } from "../../model/verification.ts";
import { optionalWord, textFlag } from "../flag.ts";
import { groupFlag } from "../recorded-release.ts";
import { type CommandSpec, initialValues, type OptionsOf } from "../spec.ts";

const written = {
  arguments: {
    what: optionalWord("[what]", "a release, an image by digest or by tag (default: the newest release)"),
  },
  flags: {
    group: groupFlag,
    offline: textFlag("--offline <file>", "bundles, one a line, in place of every registry"),
  },
};

export type VerifyOptions = OptionsOf<typeof written>;

export const verify: CommandSpec<VerifyOptions, VerifyDocument> = {
  name: "verify",
  summary: "Verify who built what a release ships, from which commit, by which workflow",
  ...written,
  explanation: `
Whose signatures count is in slipway.yaml (trust). It exits with 1 if anything
is not proven, and names where it looked.`,
  examples: [
    { run: "slipway verify", for: "the newest release" },
    { run: "slipway verify 1.3.0", for: "its record and images" },
    { run: "slipway verify ghcr.io/acme/shop/api:1.3.0", for: "one image" },
    { run: "slipway verify --offline bundles.jsonl", for: "without a registry" },
  ],
  defaults: initialValues(written),
  load: () => import("./run.ts"),
  opens: ({ offline }) => ({ offline: offline !== undefined }),
  exitCode: ({ isProven }) => (isProven ? 0 : 1),
};
