import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeTestHost } from "../testing/test-host.ts";
import type { BuildNote } from "./build-note.ts";
import {
  addToJournal,
  readJournal,
  readStandInSettings,
  type StandInSettings,
  writeStandInSettings,
} from "./job-folder.ts";

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "slipway-job-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const settings: StandInSettings = {
  real: "/usr/libexec/docker/cli-plugins/docker-buildx",
  since: "2026-01-01T00:00:00.000Z",
  inputs: { reuse: "on", stamp: "GIT_SHA" },
  env: { GITHUB_REF: "refs/heads/main" },
};

const note: BuildNote = {
  time: "2026-01-01T00:00:00.000Z",
  name: "ghcr.io/acme/api:1",
  tags: ["ghcr.io/acme/api:1"],
  outcome: "built",
  because: "nothing published has these inputs",
  ids: ["sha256:1"],
  isPushed: false,
  savedSeconds: null,
  spoiledBy: ["GIT_SHA"],
  pending: { fingerprint: "f" },
};

test("settings are read as they were written, and are for their user alone", async () => {
  const folder = makeFolder();
  await writeStandInSettings(folder, { ...settings, inputs: {} });
  await writeStandInSettings(folder, settings);
  expect(await readStandInSettings(folder)).toEqual(settings);
  expect(statSync(join(folder, "settings.json")).mode & 0o777).toBe(0o600);
});

test.each(["", "[]", "{", '{"real":1}'])("a folder whose settings are %j is of no job", async (text) => {
  const folder = makeFolder();
  writeFileSync(join(folder, "settings.json"), text);
  expect(await readStandInSettings(folder)).toBeUndefined();
  expect(await readStandInSettings(join(folder, "gone"))).toBeUndefined();
});

test("a journal has the notes of builds that ran side by side, in the order of their time", async () => {
  const folder = makeFolder();
  await writeStandInSettings(folder, settings);
  const host = makeTestHost();
  const later = { ...note, outcome: "reused", savedSeconds: 12, pending: null } as const;
  await Promise.all([
    addToJournal({ now: () => "2026-01-01T00:00:02.000Z", processId: 7 }, folder, [later]),
    addToJournal({ now: () => host.now(), processId: 8 }, folder, [note, { ...note, name: "b" }]),
    addToJournal({ now: () => host.now(), processId: 9 }, folder, [{ ...note, name: "c" }]),
  ]);
  expect(await readJournal(folder)).toEqual([note, { ...note, name: "b" }, { ...note, name: "c" }, later]);
  expect(readdirSync(join(folder, "journal"))).toHaveLength(3);
});

test("what is no note of a journal is left out", async () => {
  const folder = makeFolder();
  await writeStandInSettings(folder, settings);
  for (const [at, text] of ["{", "{}", '[{"time":"x"}, 1]'].entries()) {
    writeFileSync(join(folder, "journal", `${at}.json`), text);
  }
  writeFileSync(join(folder, "journal", "x.json.part"), JSON.stringify([note]));
  expect(await readJournal(folder)).toEqual([]);
  expect(await readJournal(join(folder, "gone"))).toEqual([]);
});
