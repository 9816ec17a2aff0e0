import { expect, test } from "vitest";
import { digestOf } from "../model/digest.ts";
import { makePlatform } from "../model/platform.ts";
import type { PreviewDocument, PreviewedService } from "../core/previews/preview-command.ts";
import { renderPreviews, renderPreviewsGone } from "./preview-comment.ts";

function service(name: string, rest: Partial<PreviewedService>): PreviewedService {
  return {
    service: name,
    outcome: "built",
    image: null,
    kept: false,
    seconds: 1,
    because: null,
    errorKind: null,
    code: null,
    hint: null,
    preview: null,
    ...rest,
  };
}

function render(services: readonly PreviewedService[], growth: PreviewDocument["growth"] = []): string | undefined {
  const known = { version: 1, commit: "0123456789", pullRequest: 5, state: "previewed" } as const;
  return renderPreviews({ ...known, services, growth });
}

test("a comment names what differs from trunk, and what was not built", () => {
  const preview = { reference: "ghcr.io/acme/api-preview:pr-5", digest: digestOf("api") };
  expect(
    render([
      service("api", { preview }),
      service("web", { outcome: "reused" }),
      service("cron", { outcome: "failed" }),
    ]),
  ).toBe(`Previews of \`0123456\`; services that are the same as on trunk have none.

| Service | Preview | Digest |
| --- | --- | --- |
| **api** | \`docker pull ghcr.io/acme/api-preview:pr-5\` | \`${digestOf("api")}\` |

❌ Not built: cron.`);
});

test("a comment says what a pull request adds to an image, by instruction", () => {
  const preview = { reference: "ghcr.io/acme/api-preview:pr-5", digest: digestOf("api") };
  const pull = { ofService: 12_500_000, ofRelease: 12_500_000 };
  const changes = [{ instruction: "RUN npm ci", origin: "own", before: 1_000_000, after: 12_000_000 }] as const;
  const growth = { since: "1.0.0", bytes: 11_000_000, pull, changes };
  const platform = makePlatform({ os: "linux", architecture: "amd64" });
  expect(render([service("api", { preview })], [{ service: "api", platform, size: 60_000_000, growth }])).toContain(
    "| **api** | linux/amd64 | 60.0 MB (+11.0 MB) | 12.5 MB | +11.0 MB `RUN npm ci` |",
  );
});

test("a pull request that changes no image needs no comment", () => {
  expect(render([service("web", { outcome: "reused" })])).toBeUndefined();
});

test("once a pull request is closed the comment says what could not be deleted", () => {
  expect(renderPreviewsGone([])).toBe("The previews of this pull request are deleted: it is closed.");
  expect(renderPreviewsGone([{ reference: "ghcr.io/acme/api-preview:pr-5" }])).toBe(
    "This pull request is closed. Its previews are deleted, save these, which could not be: `ghcr.io/acme/api-preview:pr-5`.",
  );
});
