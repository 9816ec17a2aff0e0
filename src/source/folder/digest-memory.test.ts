import { readFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeTestHost } from "../../testing/test-host.ts";
import { type DigestMemory, digestMemoryOf, type FileState } from "./digest-memory.ts";

const digest = `sha256:${"a".repeat(64)}`;
/** Nanoseconds of a clock that stands at one second and a half. */
const now = 1_500_000_001n;
const readAt = 1500;

function stateOf(changes: Partial<FileState> = {}): FileState {
  const old = 1_000_000_001n;
  return { dev: 1n, ino: 2n, size: 3n, mtimeNs: old, ctimeNs: old, ...changes };
}

/** The memory of another process. */
function memoryOf(file?: string): DigestMemory {
  return digestMemoryOf(makeTestHost(), file);
}

test("a digest holds for as long as nothing of the file's state changes", () => {
  const memory = memoryOf();
  memory.set(stateOf(), digest, readAt);
  expect(memory.get(stateOf())).toBe(digest);
  for (const change of [{ dev: 2n }, { ino: 3n }, { size: 4n }, { mtimeNs: now }, { ctimeNs: now }]) {
    expect(memory.get(stateOf(change))).toBeUndefined();
  }
});

test.each<[string, Partial<FileState>, boolean]>([
  ["old", {}, true],
  ["just written", { mtimeNs: now }, false],
  ["just given another time", { ctimeNs: now }, false],
  ["written within a tick of the clock", { mtimeNs: now - 40_000_000n }, false],
  ["written a tick ago", { mtimeNs: now - 60_000_000n }, true],
  ["on a file system of whole seconds", { mtimeNs: 1_000_000_000n, ctimeNs: 1_000_000_000n }, false],
])("whether a file that is %s is remembered", (_what, change, isRemembered) => {
  const memory = memoryOf();
  memory.set(stateOf(change), digest, readAt);
  expect(memory.get(stateOf(change))).toBe(isRemembered ? digest : undefined);
});

test("digests are kept in a file for the next process, and a file that is damaged or not there remembers nothing", () => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-digests-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "digests");
  const first = memoryOf(file);
  first.set(stateOf(), digest, readAt);
  first.keep();
  expect(memoryOf(file).get(stateOf())).toBe(digest);
  writeFileSync(file, readFileSync(file, "utf8").replace("sha256:", "sha256:0"));
  expect(memoryOf(file).get(stateOf())).toBeUndefined();
  const nowhere = memoryOf(join(folder, "gone/digests"));
  nowhere.set(stateOf(), digest, readAt);
  expect(() => nowhere.keep()).not.toThrow();
});
