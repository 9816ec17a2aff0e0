import { execFileSync } from "node:child_process";
import { chmodSync, linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
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

  /** Builds a folder in place, and from its stage where it has one; the images by the way they were built. */
  async function build(fill: (place: (path: string) => string) => void | Promise<void>): Promise<BuiltFolder> {
    const folder = mkdtempSync(join(workshop.folder, "special-"));
    const place = (path: string): string => join(folder, path);
    try {
      writeFileSync(place("Dockerfile"), `${world.dockerfile.join("\n")}\n`);
      writeFileSync(place("run"), "#!/bin/sh\n", { mode: 0o755 });
      await fill(place);
      const plain: Handed = { context: folder, dockerfile: place("Dockerfile"), contexts: {} };
      const { said, handed } = await readFolder(workshop, plain, world, true);
      if (said.kind === "refused") return expect.unreachable(said.because);
      const orders = [
        { name: "plain", handed: plain, world, withSteps: false },
        ...(handed === undefined ? [] : [{ name: "staged", handed, world, withSteps: false }]),
      ];
      const baked = await bakeAll(workshop.host, workshop.folder, orders);
      const staged = handed === undefined ? undefined : imageOf(baked.get("staged"));
      return { plain: imageOf(baked.get("plain")), staged };
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test("with names of one file and a program with capabilities arrives from its stage as the plain one does", async () => {
    const { plain, staged } = await build((place) => {
      mkdirSync(place("z"));
      linkSync(place("run"), place("z/again"));
      execFileSync("sh", ["-c", 'setcap cap_net_raw=ep "$1" || true', "sh", place("run")]);
    });
    if (staged === undefined) return expect.unreachable("it was not staged");
    expect(compareImages(plain, staged)).toEqual([]);
    expect(plain.files.get("all/z/again")).toMatch(/^type 1 .* "all\/run"/);
  });

  test("with a socket and a pipe is built in place, and arrives as it was counted", async () => {
    const server = createServer();
    try {
      const { plain, staged } = await build(async (place) => {
        execFileSync("sh", ["-c", 'mkfifo -m 640 "$1"', "sh", place("pipe")]);
        server.listen(place("socket"));
        await new Promise<void>((resolve) => server.once("listening", resolve));
        chmodSync(place("socket"), 0o700);
      });
      expect(staged).toBeUndefined();
      expect(plain.files.get("all/socket")).toMatch(/^type 0 mode 700 .* "" e3b0c44298fc ""/);
      expect(plain.files.get("all/pipe")).toMatch(/^type 6 mode 640 /);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });
});

type BuiltImage = Extract<Baked, { kind: "image" }>["image"];

/** `staged`: undefined where the folder cannot be staged. */
interface BuiltFolder {
  readonly plain: BuiltImage;
  readonly staged: BuiltImage | undefined;
}

function imageOf(baked: Baked | undefined): BuiltImage {
  if (baked?.kind === "image") return baked.image;
  return expect.unreachable(baked?.because ?? "it was not built");
}
