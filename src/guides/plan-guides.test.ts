import { describe, expect, test } from "vitest";
import { renderComparison } from "./comparison.ts";
import type { GuideFacts } from "./facts.ts";
import { renderOptimization } from "./optimization.ts";
import { guidePaths, planGuides } from "./plan-guides.ts";
import { renderQuickReference } from "./quick-reference.ts";
import { guideService, makeGuideFacts, releasedTwice, replayed } from "./testing/facts.ts";

const shop = makeGuideFacts({ measured: releasedTwice });
const grouped = makeGuideFacts({
  layout: "single",
  versions: "semantic-release",
  services: [
    guideService("api", { group: "api", platforms: ["linux/amd64", "linux/arm64"], reads: null }),
    guideService("web", {
      group: "site",
      images: ["ghcr.io/acme/web", "docker.io/acme/web"],
      tags: { version: ["v{version}"], branch: ["edge"] },
    }),
  ],
  groups: [
    { name: "api", tag: "api-v{version}", services: ["api"] },
    { name: "site", tag: "site-v{version}", services: ["web"] },
  ],
  tracked: { files: 61, bytes: null },
});

function plan(facts: GuideFacts, before: ReadonlyMap<string, string> = new Map()) {
  return planGuides(facts, "README.md", before);
}

describe("the guides of the shop", () => {
  test.each(plan(shop).map(({ path, after }) => [path, after]))("%s is as written", async (path, after) => {
    await expect(after).toMatchFileSnapshot(`golden/shop/${path}`);
  });

  test.each(plan(grouped).map(({ path, after }) => [path, after]))(
    "%s of two groups in one job with semantic-release is as written",
    async (path, after) => {
      await expect(after).toMatchFileSnapshot(`golden/groups/${path}`);
    },
  );

  test.each([
    ["nothing", makeGuideFacts()],
    ["replay", makeGuideFacts({ measured: replayed })],
  ])("the comparison before the first release (%s) is as written", async (name, facts) => {
    await expect(`${renderComparison(facts)}\n`).toMatchFileSnapshot(`golden/comparison-${name}.md`);
  });
});

describe("numbers of the comparison", () => {
  test("are none that were not measured", () => {
    const text = renderComparison(makeGuideFacts({ tracked: { files: 3, bytes: null } }));
    expect(text).toContain("Nothing can be measured yet");
    expect(text).not.toMatch(/\d+ %|\$\d/);
    expect(renderComparison(makeGuideFacts({ measured: replayed }))).not.toMatch(/\$\d|\d min/);
  });

  test("say of which services no time is known", () => {
    expect(renderComparison(shop)).toContain("No release tells the build time of worker");
  });
});

describe("written again", () => {
  test("they are the same, and keep what a person wrote around them", () => {
    const mine = new Map(
      plan(shop).map(({ path, after }) => [path, `Before\n\n${after.replace("# ", "# My ")}\nAfter\n`]),
    );
    const again = plan(shop, mine);
    expect(again.map(({ before, after }) => before === after)).toEqual([true, true, true, true]);
    const other = plan(makeGuideFacts(), mine);
    for (const { after } of other) {
      expect(after.startsWith("Before\n\n# My ")).toBe(true);
      expect(after.endsWith("\nAfter\n")).toBe(true);
    }
    expect(other.some(({ before, after }) => before !== after)).toBe(true);
  });

  test("they say what a person changed between the markers, and join a file of theirs", () => {
    const [first] = plan(shop);
    const edited = first?.after.replace("Every day", "Each day") ?? "";
    const before = new Map([
      [guidePaths.quickReference, edited],
      ["README.md", "# The shop\n"],
    ]);
    const [quick, , , readme] = plan(shop, before);
    expect(quick?.written).toBe("edited");
    expect(readme?.written).toBe("foreign");
    expect(readme?.after.startsWith("# The shop\n\n<!-- slipway:begin docker-images -->")).toBe(true);
  });

  test("markers that do not fit are told, every one with its line, and nothing is written", () => {
    const before = new Map([
      [guidePaths.comparison, "a\n<!-- slipway:begin workflow-comparison -->\n"],
      ["README.md", "<!-- slipway:end docker-images -->\n"],
    ]);
    expect(() => plan(shop, before)).toThrow(
      `${guidePaths.comparison}:2: "<!-- slipway:begin workflow-comparison -->" without`,
    );
    expect(() => plan(shop, before)).toThrow('README.md:1: "<!-- slipway:end docker-images -->" without');
  });
});

test("what a repository is called cannot break the pages", () => {
  const odd = makeGuideFacts({ repository: "acme/a|b<c>", services: [guideService('we"b|x')] });
  expect(renderQuickReference(odd)).toContain("acme/a\\|b\\<c\\>");
  expect(renderOptimization(odd)).toContain('s0["we#quot;b|x"]');
});
