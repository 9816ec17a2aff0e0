import { gunzipSync } from "node:zlib";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { runCli } from "../../cli/program.ts";
import { pin, status } from "../../index.ts";
import { readLayerFiles } from "../../images/layer-files.ts";
import { digestOf } from "../../model/digest.ts";
import { parseManifest } from "../../registry/content.ts";
import { imageName } from "../../testing/image-name.ts";
import { makeShop, type Shop } from "../testing/shop.ts";

/** Two releases; web changed in the second. */
async function releasedTwice(): Promise<Shop> {
  const shop = await makeShop();
  await shop.release({ version: "1.0.0" });
  await shop.repository.commit({ "web/index.html": "web 2" }, "web: Change");
  await shop.release({ version: "1.1.0" });
  return shop;
}

describe("slipway pin", () => {
  test("takes the newest version, or the one that a rollback holds", async () => {
    const shop = await releasedTwice();
    const newest = await pin({ helm: true, host: shop.host() });
    expect(newest).toMatchObject({ release: "1.1.0", because: "1.1.0 is the newest", state: "printed" });
    await shop.rollback("1.0.0");
    expect(await pin({ helm: true, host: shop.host() })).toMatchObject({
      release: "1.0.0",
      because: "a rollback to 1.0.0 holds",
    });
    await shop.release({ version: "1.2.0" });
    expect(await pin({ helm: true, host: shop.host() })).toMatchObject({ release: "1.2.0" });
    expect(await pin({ release: "1.1.0", helm: true, host: shop.host() })).toMatchObject({ because: null });
  });

  test("changes a file in place with --write only, and says what stays", async () => {
    const shop = await releasedTwice();
    const file = "# stack\nservices:\n  w: { image: reg.test/shop/web:1 } # ours\n";
    await shop.repository.write({ "compose.prod.yaml": file });
    const path = join(shop.repository.root, "compose.prod.yaml");
    const request = { release: "1.0.0", compose: true, file: "compose.prod.yaml" };
    expect(await pin({ ...request, host: shop.host() })).toMatchObject({ state: "printed", services: ["web"] });
    expect(readFileSync(path, "utf8")).toBe(file);
    const written = await pin({ ...request, write: true, host: shop.host() });
    const web = shop.tags("shop/web")["1.0.0"] ?? "";
    expect(readFileSync(path, "utf8")).toBe(file.replace("web:1", `web@${web}`));
    expect(written).toMatchObject({
      state: "written",
      left: ["api: the file names no reg.test/shop/api", "base: the file names no reg.test/shop/base"],
    });
    expect(await pin({ ...request, write: true, host: shop.host() })).toMatchObject({ state: "same" });
  });

  test("refuses what it cannot do, with the reason", async () => {
    const shop = await makeShop({ "deploy/a.yaml": "kind: X\n" });
    await shop.release({ version: "1.0.0" });
    const refused = [
      ["pin", "no form is named"],
      ["pin --helm --compose", "2 forms are named"],
      ["pin --helm --write", "--write needs the file to change"],
      ["pin --helm --file none.yaml", "pinning none.yaml: ENOENT"],
      ["pin 9.9.9 --helm", 'there is no release "9.9.9"'],
      ["pin --flux deploy --to a:b:c", '--to "a:b:c" is no image name'],
      ["pin --flux none", "packing none for Flux: the folder has no files"],
    ] as const;
    for (const [line, message] of refused) {
      const host = shop.host();
      expect(await runCli(host, line.split(" ")), line).toBe(2);
      expect(host.printed.stderr).toContain(message);
    }
  });

  test("prints a file that can be piped into one", async () => {
    const shop = await releasedTwice();
    const host = shop.host();
    await runCli(host, ["pin", "1.1.0", "--helm"]);
    expect(parse(host.printed.stdout)).toMatchObject({
      web: { image: { tag: "1.1.0", digest: shop.tags("shop/web")["1.1.0"] } },
    });
  });
});

describe("an artifact for Flux", () => {
  test("holds the manifests and the images of one release, is made the same twice, and is never another one", async () => {
    const shop = await makeShop({ "deploy/web.yaml": "kind: Deployment\n", "deploy/sub/b.yaml": "kind: Service\n" });
    await shop.release({ version: "1.0.0" });
    const request = { release: "1.0.0", flux: "deploy", write: true };
    const pushed = await pin({ ...request, host: shop.host() });
    expect(pushed).toMatchObject({ state: "pushed", artifact: { reference: "reg.test/shop/releases-flux:1.0.0" } });
    expect(await pin({ ...request, host: shop.host() })).toMatchObject({ state: "there", artifact: pushed.artifact });

    const name = imageName("reg.test/shop/releases-flux");
    const raw = await shop.registry().getManifest(name, "1.0.0");
    const manifest = parseManifest(raw?.bytes ?? new Uint8Array());
    expect(manifest?.config.mediaType).toBe("application/vnd.cncf.flux.config.v1+json");
    expect(manifest?.layers.map(({ mediaType }) => mediaType)).toEqual([
      "application/vnd.cncf.flux.content.v1.tar+gzip",
    ]);
    expect(manifest?.annotations).toMatchObject({
      "org.opencontainers.image.revision": expect.stringMatching(/^1\.0\.0@sha1:[0-9a-f]{40}$/),
    });
    const [layer] = manifest?.layers ?? [];
    const content = gunzipSync(await shop.registry().getBlob(name, layer ?? { digest: digestOf(""), size: 0 }));
    expect([...readLayerFiles(content).keys()]).toEqual([
      "images/kustomization.yaml",
      "kustomization.yaml",
      "manifests/kustomization.yaml",
      "manifests/sub/b.yaml",
      "manifests/web.yaml",
    ]);

    await shop.repository.commit({ "deploy/web.yaml": "kind: Other\n" }, "deploy: Change");
    await expect(pin({ ...request, host: shop.host() })).rejects.toThrow(
      /pushing reg\.test\/shop\/releases-flux:1\.0\.0: the tag has other content/,
    );
  });

  test("is refused for a folder whose kustomization leads out of it", async () => {
    const shop = await makeShop({ "deploy/x/kustomization.yaml": "resources: [../../base]\n" });
    await shop.release({ version: "1.0.0" });
    await expect(pin({ flux: "deploy", host: shop.host() })).rejects.toThrow(
      'packing deploy for Flux: x/kustomization.yaml names "../../base", which is outside of the folder',
    );
  });

  test.each([
    [{ flux: "nowhere" }, "packing nowhere for Flux: the folder has no files"],
    [{ compose: true, file: "none.yml" }, "pinning none.yml: ENOENT"],
  ])("of what is not there (%o) is refused before a registry is asked", async (options, message) => {
    const shop = await makeShop({});
    shop.memory.clearLog();
    await expect(pin({ ...options, host: shop.host() })).rejects.toThrow(message);
    expect(shop.memory.log).toEqual([]);
  });

  test("is not pushed without --write", async () => {
    const shop = await makeShop({ "deploy/a.yaml": "kind: X\n" });
    await shop.release({ version: "1.0.0" });
    expect(await pin({ flux: "./deploy/", host: shop.host() })).toMatchObject({
      state: "printed",
      artifact: { digest: null },
    });
    expect(Object.keys(shop.memory.snapshot())).not.toContain("shop/releases-flux");
  });
});

describe("slipway status --deployed", () => {
  test("says which release a list of digests is", async () => {
    const shop = await releasedTwice();
    const of = (release: string): string =>
      ["api", "base", "web"].map((name) => `reg.test/shop/${name}@${shop.tags(`shop/${name}`)[release]}`).join("\n");
    await shop.repository.write({
      "all.txt": of("1.1.0"),
      "mixed.txt": of("1.1.0")
        .replace(/web@.*/, of("1.0.0").split("\n")[2] ?? "")
        .replace("shop/api@", "shop/api@"),
    });
    const found = await status({ deployed: "all.txt", host: shop.host() });
    expect(found.deployed).toMatchObject({
      state: "exactly",
      releases: ["1.1.0"],
      missing: [],
      unknown: [],
      compared: 2,
    });
    expect(found.deployed?.services.map(({ service, releases }) => [service, releases])).toEqual([
      ["api", ["1.1.0", "1.0.0"]],
      ["base", ["1.1.0", "1.0.0"]],
      ["web", ["1.1.0"]],
    ]);
    expect((await status({ deployed: "mixed.txt", host: shop.host() })).deployed).toMatchObject({
      state: "exactly",
      releases: ["1.0.0"],
    });
    const host = shop.host();
    await runCli(host, ["status", "--deployed", "all.txt"]);
    expect(host.printed.stdout).toMatch(/^exactly 1\.1\.0\n/);
  });

  test("reads standard input, and names a file that is not there", async () => {
    const shop = await releasedTwice();
    const host = {
      ...shop.host(),
      input: {
        isTTY: false,
        readLine: async () => undefined,
        readAll: async () => Buffer.from(`web@${shop.tags("shop/web")["1.0.0"]}`),
      },
    };
    expect((await status({ deployed: "-", host })).deployed).toMatchObject({
      state: "partly",
      releases: ["1.0.0"],
      missing: ["api", "base"],
    });
    shop.memory.clearLog();
    await expect(status({ deployed: "none", host: shop.host() })).rejects.toThrow("reading none: ENOENT");
    expect(shop.memory.log).toEqual([]);
  });
});
