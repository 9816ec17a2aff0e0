import { expect, test } from "vitest";
import type { ReleaseDocument } from "../model/documents.ts";
import { first } from "../notes/testing/releases.ts";
import { renderReleaseResult } from "./render-result.ts";
import { makeStyle } from "./style.ts";

const style = makeStyle(false);
const released: ReleaseDocument = {
  version: 1,
  state: "released",
  because: null,
  plan: null,
  services: [],
  tags: [],
  releases: [{ record: "1.0.0", manifest: first, githubRelease: null }],
  notes: null,
};

test.each([true, false])("a release ends with what to pull (a live view was shown before it: %s)", (brief) => {
  const text = renderReleaseResult(released, style, brief);
  expect(text).toMatch(/^released 1\.0\.0\n/);
  for (const name of ["api", "old_cron", "web"]) expect(text).toContain(`ghcr.io/acme/shop/${name}:1.0.0`);
});
