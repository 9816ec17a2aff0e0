import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { ensureDive } from "../../sandbox/dive.ts";
import { run } from "../../sandbox/processes.ts";
import { asFields, parseJson } from "../../src/formats/json.ts";
import { renderTar, type TarFile } from "../../src/formats/tar-archive.ts";
import { FileLedger } from "../../src/layers/file-ledger.ts";
import { TarEntries } from "../../src/layers/tar-entries.ts";
import { digestHex, digestOf } from "../../src/model/digest.ts";

const dive = await ensureDive(() => undefined);
const folder = mkdtempSync(join(tmpdir(), "slipway-dive-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Layers = readonly (readonly TarFile[])[];

function file(path: string, size: number): TarFile {
  return { path, content: new Uint8Array(size) };
}

function directory(path: string): TarFile {
  return { path: `${path}/`, kind: "folder" };
}

const written: readonly (readonly [what: string, layers: Layers])[] = [
  ["of one layer", [[directory("etc"), file("etc/passwd", 900), file("bin", 4000)]]],
  ["that overwrites a file twice", [[file("app", 5000)], [file("app", 6000)], [file("app", 4000)]]],
  ["that deletes files", [[file("a", 3000), file("b", 1000)], [file(".wh.a", 0)], [file("c", 10)]]],
  [
    "that deletes a folder",
    [
      [directory("var"), directory("var/lists"), file("var/lists/a", 3000), file("var/lists/b", 500)],
      [file("var/.wh.lists", 0), file("x", 1)],
    ],
  ],
  [
    "with links and empty folders",
    [
      [directory("d"), file("d/a", 2000), { path: "d/b", kind: "hard-link", target: "d/a" }, directory("e")],
      [{ path: "d/a", kind: "symbolic-link", target: "b" }, directory("e"), file("e/f", 7)],
    ],
  ],
];

/** Layers that write and overwrite files; each later layer may delete what a lower one wrote. */
const randomLayers = fc
  .array(
    fc.array(
      fc.record({
        name: fc.integer({ min: 0, max: 9 }),
        size: fc.integer({ min: 1, max: 5000 }),
        isDeleted: fc.boolean(),
      }),
      { minLength: 1, maxLength: 8 },
    ),
    { minLength: 2, maxLength: 5 },
  )
  .map((layers) => {
    const known = new Set<string>();
    return layers.map((changes) => {
      const files = new Map<string, TarFile>();
      for (const { name, size, isDeleted } of changes) {
        const path = `d${name % 3}/f${name}`;
        if (files.has(path)) continue;
        if (!isDeleted) files.set(path, file(path, size));
        else if (known.has(path)) files.set(path, file(`d${name % 3}/.wh.f${name}`, 0));
      }
      for (const [path, { content }] of files) {
        if ((content?.length ?? 0) > 0) known.add(path);
        else known.delete(path);
      }
      return [...files.values()];
    });
  });
const random = fc
  .sample(randomLayers, { seed: 7, numRuns: 5 })
  .map((layers, at) => [`by chance, number ${at + 1}`, layers] as const);

/** An image as `docker save` writes it. */
function archiveOf(layers: Layers): Uint8Array {
  const tars = layers.map((files) => renderTar(files));
  const names = tars.map((tar, at) => `${at}${digestHex(digestOf(tar)).slice(0, 40)}/layer.tar`);
  const config = {
    rootfs: { type: "layers", diff_ids: tars.map((tar) => digestOf(tar)) },
    history: tars.map((_, at) => ({ created_by: `RUN step ${at}` })),
  };
  const manifest = [{ Config: "config.json", RepoTags: ["image:1"], Layers: names }];
  return renderTar([
    ...tars.map((content, at) => ({ path: names[at] ?? "", content })),
    { path: "config.json", content: Buffer.from(JSON.stringify(config)) },
    { path: "manifest.json", content: Buffer.from(JSON.stringify(manifest)) },
  ]);
}

function follow(layers: Layers): FileLedger {
  const ledger = new FileLedger();
  for (const [at, files] of layers.entries()) {
    ledger.begin(at);
    for (const entry of new TarEntries().push(renderTar(files))) ledger.add(entry);
    ledger.end();
  }
  return ledger;
}

async function runDive(layers: Layers): Promise<{ readonly efficiency: number; readonly inefficientBytes: number }> {
  // dive does not shorten a report that is there already.
  const work = mkdtempSync(join(folder, "image-"));
  const [archive, report] = [join(work, "image.tar"), join(work, "report.json")];
  writeFileSync(archive, archiveOf(layers));
  const ended = await run(dive ?? "", ["--source", "docker-archive", archive, "--json", report], { cwd: folder });
  expect(ended.exitCode, ended.stderr).toBe(0);
  const image = asFields(asFields(parseJson(readFileSync(report)))?.["image"]);
  return { efficiency: Number(image?.["efficiencyScore"]), inefficientBytes: Number(image?.["inefficientBytes"]) };
}

describe.skipIf(dive === undefined)(`dive${dive === undefined ? " (needs Python and PyPI)" : ""}`, () => {
  test.each([...written, ...random])("says the same of the efficiency of an image %s", async (_, layers) => {
    expect(follow(layers).diveEfficiency()).toBeCloseTo((await runDive(layers)).efficiency, 6);
  });

  test.each(random)("counts what is wasted, and what stays of the same files, of an image %s", async (_, layers) => {
    const ledger = follow(layers);
    const wasted = ledger.wastedFiles();
    const paths = new Set(wasted.map(({ path }) => path));
    const kept = [...ledger.visibleFiles()].filter(({ path }) => paths.has(path));
    const bytes = [...wasted, ...kept].reduce((sum, { size }) => sum + size, 0);
    expect(bytes).toBe((await runDive(layers)).inefficientBytes);
  });
});
