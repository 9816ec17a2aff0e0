import { expect, test } from "vitest";
import { digestOf } from "../model/digest.ts";
import { makePlatform } from "../model/platform.ts";
import type { ShadowComparison } from "../core/jobs/shadow.ts";
import { renderShadow } from "./shadow-summary.ts";

const platform = makePlatform({ os: "linux", architecture: "amd64" });

function image(service: string, rest: Partial<ShadowComparison>): ShadowComparison {
  const theirs = { reference: `ghcr.io/acme/${service}:main`, digest: digestOf(service) };
  const nothing = { ours: null, because: null, differences: [] };
  return { service, platform, outcome: "built", theirs, state: "same", ...nothing, ...rest };
}

test("a shadow run's report says what would have been reused, and how images differ", () => {
  const images = [
    image("api", { outcome: "reused" }),
    image("web", {
      state: "differs",
      differences: [
        { what: "config", name: "Env", detail: "NODE_ENV=<dev> there" },
        { what: "layer", name: "COPY src ./src", detail: "src/a.ts" },
      ],
    }),
    image("cron", { state: "unknown", theirs: null, because: "none of its tags is there: main" }),
  ];
  expect(renderShadow({ version: 1, commit: "0".repeat(40), images }).join("\n\n")).toBe(`### Beside the old workflow

1 of 3 images would have been reused; 1 of 2 hold the same content.

| Service | Platform | Slipway | The tag's image | Content |
| --- | --- | --- | --- | --- |
| **api** | linux/amd64 | would have been reused | \`ghcr.io/acme/api:main\` | same |
| **web** | linux/amd64 | built | \`ghcr.io/acme/web:main\` | Env: NODE\\_ENV=\\<dev\\> there<br>COPY src ./src: src/a.ts |
| **cron** | linux/amd64 | built |  | not compared: none of its tags is there: main |`);
});

test("nothing that was made is nothing to compare", () => {
  expect(renderShadow({ version: 1, commit: "", images: [] })).toEqual([]);
});
