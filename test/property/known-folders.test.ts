import { execFileSync } from "node:child_process";
import { chmodSync, linkSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { bakeAll, type Baked } from "./bake.ts";
import { compareImages } from "./image.ts";
import type { Workshop } from "./prepare.ts";
import { readFolder } from "./read-folder.ts";
import type { Handed, World } from "./world.ts";
import { openWorkshop } from "./workshop.ts";

const sandbox = inject("sandbox");

const world: World = {
  files: {},
  dockerfile: ["FROM scratch", "COPY . /all/", "COPY run /run"],
  dockerfilePath: "Dockerfile",
  context: ".",
  args: {},
  target: undefined,
  contexts: {},
};

describe.skipIf(sandbox === null)("a folder beside BuildKit", () => {
  let workshop: Workshop;
  let close: (() => void) | undefined;

  beforeAll(async () => {
    if (sandbox !== null) ({ workshop, close } = await openWorkshop(sandbox));
  });
  afterAll(() => close?.());

  test("with a socket, a pipe, names of one file and a program with capabilities arrives as the plain one does", async () => {
    const folder = mkdtempSync(join(workshop.folder, "special-"));
    const place = (path: string): string => join(folder, path);
    writeFileSync(place("Dockerfile"), `${world.dockerfile.join("\n")}\n`);
    writeFileSync(place("run"), "#!/bin/sh\n", { mode: 0o755 });
    mkdirSync(place("z"));
    linkSync(place("run"), place("z/again"));
    execFileSync("sh", [
      "-c",
      'mkfifo -m 640 "$1"; setcap cap_net_raw=ep "$2" || true',
      "sh",
      place("pipe"),
      place("run"),
    ]);
    const server = createServer().listen(place("socket"));
    await new Promise<void>((resolve) => server.once("listening", resolve));
    chmodSync(place("socket"), 0o700);
    // A file as young as its stage is copied, which capabilities would not survive.
    utimesSync(place("run"), 1000, 1000);
    try {
      const plain: Handed = { context: folder, dockerfile: place("Dockerfile"), contexts: {} };
      const { said, handed } = await readFolder(workshop, plain, world, true);
      if (handed === undefined) return expect.unreachable(said.kind === "refused" ? said.because : "it was not staged");
      const orders = [
        { name: "plain", handed: plain, world, withSteps: false },
        { name: "staged", handed, world, withSteps: false },
      ];
      const baked = await bakeAll(workshop.host, workshop.folder, orders);
      const image = (name: string) => imageOf(baked.get(name));
      expect(compareImages(image("plain"), image("staged"))).toEqual([]);
      const files = image("plain").files;
      expect(files.get("all/socket")).toMatch(/^type 0 mode 700 .* "" e3b0c44298fc ""/);
      expect(files.get("all/pipe")).toMatch(/^type 6 mode 640 /);
      expect(files.get("all/z/again")).toMatch(/^type 1 .* "all\/run"/);
    } finally {
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true });
    }
  });
});

function imageOf(baked: Baked | undefined): Extract<Baked, { kind: "image" }>["image"] {
  if (baked?.kind === "image") return baked.image;
  return expect.unreachable(baked?.because ?? "it was not built");
}
