import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { ReleaseManifest } from "../model/release.ts";
import { renderImagesText, renderReleaseAssets, renderShorterTexts } from "./github-release.ts";
import { renderComposeImages, renderKustomizeImages } from "./pinned-files.ts";
import { renderNotes } from "./render-notes.ts";
import { first, history, second, service } from "./testing/releases.ts";
import { imageName } from "../testing/image-name.ts";

const place = { tag: "v1.1.0", repository: "acme/shop" };
const input = { release: second, previous: first, commits: history };
const text = renderImagesText(renderNotes(input), second, place);

describe("a release's files", () => {
  test.each(
    renderReleaseAssets(second, { text, manifest: JSON.stringify(second) }).map((asset) => [asset.name, asset]),
  )("%s", async (name, { content }) => {
    if (name === "images.json") expect(JSON.parse(content)).toEqual(second);
    else await expect(content).toMatchFileSnapshot(`golden/github-release/${name}`);
  });

  test("begin with the notes, since the body may point to them", () => {
    expect(renderReleaseAssets(second, { text, manifest: "" })[0]?.name).toBe("images.md");
  });

  test("of a release without services are files all the same", () => {
    const none: ReleaseManifest = { ...second, services: [] };
    expect(parse(renderComposeImages(none))).toEqual({ services: {} });
    expect(parse(renderKustomizeImages(none))).toMatchObject({ kind: "Component", images: [] });
    expect(renderImagesText(renderNotes({ release: none, commits: [] }), none, place)).not.toContain("docker compose");
  });

  test("name an image of Docker Hub as manifests write it", () => {
    const images = [imageName("acme/gateway"), imageName("nginx")] as const;
    const hub: ReleaseManifest = { ...second, services: [service("web", { images: [images[0], images[1]] })] };
    const { images: named } = parse(renderKustomizeImages(hub)) as { images: { name: string }[] };
    expect(named.map(({ name }) => name)).toEqual([
      "acme/gateway",
      "docker.io/acme/gateway",
      "docker.io/library/nginx",
      "library/nginx",
      "nginx",
    ]);
  });

  test("hold any name of a service", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (name) => {
        fc.pre(name !== "__proto__");
        const { services } = parse(
          renderComposeImages({ ...second, services: [{ ...service("api"), service: name }] }),
          {
            logLevel: "silent",
          },
        ) as { services: Record<string, unknown> };
        expect(Object.keys(services)).toEqual([name]);
      }),
    );
  });
});

describe("notes that are too long for a body", () => {
  test("are told in the table, then in a line, and say where the whole is", async () => {
    const texts = renderShorterTexts(input, { hasNotes: true, command: "slipway release 1.1.0" });
    await expect(texts.join("\n---\n\n")).toMatchFileSnapshot("golden/github-release/shorter.md");
  });

  test("say how to write the whole where it can no longer be attached", () => {
    const texts = renderShorterTexts(input, {
      hasNotes: false,
      command: "slipway release 1.1.0 --notes-file images.md",
    });
    for (const each of texts) expect(each).toContain("`slipway release 1.1.0 --notes-file images.md` writes it");
  });
});
