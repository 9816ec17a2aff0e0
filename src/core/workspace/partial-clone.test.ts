import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { readInputs } from "../../inputs/inputs.ts";
import { stageContext } from "../../inputs/stage.ts";
import { cloneTrees } from "../../source/checkout/sparse.ts";
import { makeTestRepository } from "../../source/testing/repository.ts";
import { run as readServiceInputs } from "../../commands/inputs/run.ts";
import { inputs as spec } from "../../commands/inputs/spec.ts";
import { openWorkspace } from "./workspace.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const names = ["api", "web", "worker"];
const files = {
  "slipway.yaml": "images: ghcr.io/acme/shop/{service}\n",
  ".gitattributes": "*.bat text eol=crlf\n",
  ".dockerignore": "**/*.md\n",
  ...Object.fromEntries(
    names.flatMap((name) => [
      [`${name}/Dockerfile`, `FROM scratch\nCOPY ${name}/src /src\nCOPY lib /lib\n`],
      ...Array.from({ length: 20 }, (_, index) => [`${name}/src/f${index}.js`, `${name} ${index}\n`]),
      [`${name}/src/notes.md`, "not read\n"],
    ]),
  ),
  "lib/shared.js": "shared\n",
  "lib/run.bat": "echo\n",
  "lib/link": { link: "shared.js" },
  "other/large.bin": "x".repeat(50_000),
};

async function clone() {
  const origin = await makeTestRepository(files);
  closing.push(origin.dispose);
  await origin.git("config", "uploadpack.allowFilter", "true");
  await origin.git("config", "uploadpack.allowAnySHA1InWant", "true");
  const folder = await mkdtemp(join(tmpdir(), "slipway-clone-"));
  closing.push(() => rm(folder, { recursive: true, force: true }));
  const commit = await origin.git("rev-parse", "HEAD");
  await cloneTrees(origin.host, { folder, url: `file://${origin.root}`, commit, history: "none" });
  const packs = async (): Promise<number> =>
    (await readdir(join(folder, ".git/objects/pack"))).filter((name) => name.endsWith(".pack")).length;
  return { origin, folder, packs };
}

test("planning in a clone without any file reads what it needs in one request, and finds the same inputs", async () => {
  const { origin, folder, packs } = await clone();
  const workspace = await openWorkspace(origin.host, { repo: folder }, () => undefined);
  const whole = await openWorkspace(origin.host, { repo: origin.root }, () => undefined);
  for (const name of names) {
    const inputs = await readServiceInputs(workspace, { ...spec.defaults, service: name, offline: true });
    expect(inputs).toEqual(await readServiceInputs(whole, { ...spec.defaults, service: name, offline: true }));
    expect(inputs.files.map(({ path }) => path)).not.toContain(`${name}/src/notes.md`);
  }
  // The trees, the attributes, and everything else at once.
  expect(await packs()).toBe(3);
  expect(await readdir(folder)).toEqual([".git", ".gitattributes"]);
});

test("a build's context is fetched in one more request, and holds the bytes of a whole checkout", async () => {
  const { origin, folder, packs } = await clone();
  const { project, tree } = await openWorkspace(origin.host, { repo: folder }, () => undefined);
  const service = project.services.find(({ name }) => name === "api");
  if (service === undefined) throw new Error("no api");
  const read = await readInputs({ service, platform: service.platforms[0], tree, lookups: "offline" });
  const staged = await stageContext(tree, read);
  closing.push(staged.remove);
  expect(await packs()).toBe(4);
  expect(await readFile(join(staged.contextFolder, "api/src/f7.js"), "utf8")).toBe("api 7\n");
  expect(await readFile(join(staged.contextFolder, "lib/run.bat"), "utf8")).toBe("echo\r\n");
});
