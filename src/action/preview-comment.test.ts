import { expect, test } from "vitest";
import { digestOf } from "../model/digest.ts";
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
    code: null,
    hint: null,
    preview: null,
    ...rest,
  };
}

function render(services: readonly PreviewedService[]): string | undefined {
  const document: PreviewDocument = { version: 1, commit: "0123456789", pullRequest: 5, state: "previewed", services };
  return renderPreviews(document);
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

test("a pull request that changes no image needs no comment", () => {
  expect(render([service("web", { outcome: "reused" })])).toBeUndefined();
});

test("once a pull request is closed the comment says what could not be deleted", () => {
  expect(renderPreviewsGone([])).toBe("The previews of this pull request are deleted: it is closed.");
  expect(renderPreviewsGone([{ reference: "ghcr.io/acme/api-preview:pr-5" }])).toBe(
    "This pull request is closed. Its previews are deleted, save these, which could not be: `ghcr.io/acme/api-preview:pr-5`.",
  );
});
