import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { differingPaths } from "./content-differences.ts";
import { readLayerFiles } from "./layer-files.ts";

const long = `${"folder/".repeat(20)}${"n".repeat(120)}`;

/** A folder with these files, archived by the tar of this machine. */
function archive(files: Readonly<Record<string, string>>, format: string, time: number): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "slipway-layer-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    if (content.startsWith("-> ")) symlinkSync(content.slice(3), join(folder, path));
    else {
      writeFileSync(join(folder, path), content);
      chmodSync(join(folder, path), content.startsWith("#!") ? 0o755 : 0o644);
      utimesSync(join(folder, path), time, time);
    }
  }
  return new Uint8Array(execFileSync("tar", [`--format=${format}`, "-C", folder, "-cf", "-", "."]));
}

const files = { "a.txt": "one", "run.sh": "#!/bin/sh", [long]: "deep", link: `-> ${long}`, empty: "" };

test.each(["gnu", "pax"])("a layer in the %s format says the same whatever its times are", (format) => {
  const [first, second] = [readLayerFiles(archive(files, format, 1000)), readLayerFiles(archive(files, format, 2000))];
  expect(first.has(long)).toBe(true);
  expect([...first.keys()]).toEqual(expect.arrayContaining(["a.txt", "run.sh", "link", "empty"]));
  expect(differingPaths(first, second)).toEqual([]);
});

test("formats of one layer say the same", () => {
  expect(differingPaths(readLayerFiles(archive(files, "gnu", 1)), readLayerFiles(archive(files, "pax", 1)))).toEqual(
    [],
  );
});

test.each([
  ["content", { "a.txt": "two" }, ["a.txt"]],
  ["mode", { "run.sh": "nothing to run" }, ["run.sh"]],
  ["link", { link: "-> a.txt" }, ["link"]],
  ["new file", { "z.txt": "new" }, ["z.txt"]],
  ["long name", { [long]: "other" }, [long]],
])("another %s is a difference", (_, change, paths) => {
  const before = readLayerFiles(archive(files, "pax", 1));
  const after = readLayerFiles(archive({ ...files, ...change }, "pax", 1));
  expect(differingPaths(before, after)).toEqual(paths);
});

test("a layer whose sizes lead backwards is read to an end", () => {
  const header = Buffer.alloc(512);
  header.write("a", 0);
  header.write("-1000", 124);
  const records = "13 size=-512\n";
  const pax = Buffer.alloc(1024);
  pax.write(records.length.toString(8), 124);
  pax.write("x", 156);
  pax.write(records, 512);
  expect(readLayerFiles(Buffer.concat([header, header])).size).toBe(0);
  expect(readLayerFiles(Buffer.concat([pax, header])).size).toBe(0);
});
