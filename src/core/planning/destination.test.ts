import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { makeService } from "../../inputs/testing/service.ts";
import { imageName } from "../../testing/image-name.ts";
import { makeTestHost } from "../../testing/test-host.ts";
import { previewStore, releasedStore, withMachineDestination } from "./destination.ts";

test("images of a release are stored under the first name, those of a pull request under a prefix of its own", () => {
  const service = makeService({
    images: [imageName("reg.test/shop/api"), imageName("reg.test/copies/api")],
    preview: imageName("reg.test/shop/api-preview"),
  });
  expect(releasedStore(service)).toEqual({ name: "reg.test/shop/api", prefix: "" });
  expect(previewStore(service, 7)).toEqual({ name: "reg.test/shop/api-preview", prefix: "pr-7." });
  expect(() => previewStore(makeService(), 7)).toThrow("there are no previews of registry.test/shop/api");
});

test("the folder of a run that publishes nothing is gone afterwards, however the run ends", async () => {
  const folders: string[] = [];
  const run = withMachineDestination(makeTestHost(), async (destination) => {
    if (destination.kind === "machine") folders.push(destination.folder);
    expect(folders.every((folder) => existsSync(folder))).toBe(true);
    throw new Error("the build failed");
  });
  await expect(run).rejects.toThrow("the build failed");
  expect(folders.map((folder) => existsSync(folder))).toEqual([false]);
});
