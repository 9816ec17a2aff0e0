import { describe, expect, it } from "vitest";
import { compareEvents, type EventReference, renderEventComparison } from "./compare-events.ts";
import { eventReference, publishTable } from "./testing/publish-table.ts";

const before = `
on:
  push: { branches: [main, dev], tags: ["v*"] }
  pull_request:
  schedule: [{ cron: "0 3 * * *" }]
  release: { types: [published] }
env: { IMAGE: ghcr.io/acme/shop }
jobs:
  build:
    strategy: { matrix: { service: [api, web] } }
    steps:
      - id: meta
        uses: docker/metadata-action@v5
        with:
          images: \${{ env.IMAGE }}-\${{ matrix.service }}
          tags: |
            type=schedule,pattern=nightly
            type=ref,event=branch
            type=semver,pattern={{version}}
            type=semver,pattern={{major}}.{{minor}}
            type=raw,value=edge,enable={{is_default_branch}}
            type=raw,value=canary,enable=\${{ vars.CANARY == 'yes' }}
            type=sha
      - uses: docker/build-push-action@v6
        with:
          context: \${{ matrix.service }}
          push: \${{ github.event_name != 'pull_request' }}
          tags: \${{ steps.meta.outputs.tags }}
`;

function compare(after: string): string {
  return renderEventComparison(compareEvents(publishTable(before), publishTable(after))).join("\n");
}

const image = (reference: string, ...perhaps: string[]): EventReference => ({ reference, perhaps });

describe("the table of events", () => {
  it("is the same for a workflow that is written otherwise and publishes the same", () => {
    const after = before
      .replace("${{ github.event_name != 'pull_request' }}", "${{ !startsWith(github.ref, 'refs/pull/') }}")
      .replace("[api, web]", "[web, api]")
      .replace("type=raw,value=edge,enable={{is_default_branch}}", "type=edge");
    const comparison = compareEvents(publishTable(before), publishTable(after));
    expect(comparison.outcome).toBe("same as far as known");
    expect(comparison.rows.map(({ open }) => open.join())).toContain("github.sha (short),vars.CANARY");
    const sure = (text: string): string => text.replace(/^.*(?:CANARY|event=branch|sha).*\n/gm, "");
    expect(compareEvents(publishTable(sure(before)), publishTable(sure(after))).outcome).toBe("same");
    expect(comparison.rows.length).toBe(6);
  });

  it("shows what is published on each event, and what a change loses, adds and makes conditional", async () => {
    const after = before
      .replace(", dev]", "]")
      .replace("            type=schedule,pattern=nightly\n", "")
      .replace("type=sha", "type=sha,enable=${{ vars.SHA }}")
      .replace("!= 'pull_request'", "!= 'schedule' && github.event_name != 'pull_request'")
      .replace("type=raw,value=canary", "type=raw,value=next");
    await expect(`${compare(after)}\n`).toMatchFileSnapshot("golden/compare-events.txt");
  });

  it.each([
    ["lost", [image("a")], [], ["lost a"]],
    ["added", [], [image("a")], ["added a"]],
    ["the same in another order and twice", [image("a"), image("b"), image("a")], [image("b"), image("a")], []],
    ["perhaps instead of always", [image("a")], [image("a", "x")], ["condition a"]],
    ["always by one of two ways", [image("a", "x"), image("a")], [image("a")], []],
    ["by the same two ways", [image("a", "x"), image("a", "y")], [image("a", "y"), image("a", "x")], []],
    ["an unknown part of another name", [image("a:‹x›")], [image("a:‹y›")], ["lost a:‹x›", "added a:‹y›"]],
  ])("has a row for an image that is %s", (_, mine, theirs, wanted) => {
    const { rows, outcome } = compareEvents(new Map([["release", mine]]), new Map([["release", theirs]]));
    const shown = rows.flatMap(({ differences }) =>
      differences.map(
        (each) => `${each.kind} ${each.kind === "condition" ? each.before.reference : each.image.reference}`,
      ),
    );
    expect(shown).toEqual(wanted);
    expect(outcome === "different").toBe(wanted.length > 0);
  });

  it("reads an image that hangs on a name back from its text", () => {
    expect(eventReference("‹a:‹x› if y, z›", ["w"])).toEqual(image("a:‹x›", "w", "y", "z"));
    expect(eventReference("a:‹x›")).toEqual(image("a:‹x›"));
  });
});
