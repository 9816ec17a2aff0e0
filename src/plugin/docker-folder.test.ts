import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { dockerFolderOf, makeDockerFolder, removeDockerFolder } from "./docker-folder.ts";
import { renderStandIn } from "./stand-in.ts";

const standIn = renderStandIn({
  real: "/usr/libexec/docker/cli-plugins/docker-buildx",
  metadata: "{}",
  job: { kind: "own", node: "/node", program: "/program.js", folder: "/job" },
});

/** A home with what Docker keeps in it, by path below `.docker`. */
function makeHome(files: Readonly<Record<string, string>> = {}) {
  const home = mkdtempSync(join(tmpdir(), "slipway-home-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const original = join(home, ".docker");
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(original, path, ".."), { recursive: true });
    writeFileSync(join(original, path), text);
  }
  const jobFolder = join(home, "job");
  mkdirSync(jobFolder);
  const place = dockerFolderOf(original, "1");
  const read = (path: string): string => readFileSync(join(original, path), "utf8");
  return { home, original, jobFolder, place, read, make: () => makeDockerFolder(place, standIn, jobFolder) };
}

/** As Docker's command saves `config.json`: a file beside it, renamed to where the link points. */
function saveAsDocker(folder: string, text: string): void {
  const config = join(folder, "config.json");
  const target = lstatSync(config).isSymbolicLink() ? join(folder, "..", "config.json") : config;
  writeFileSync(join(folder, "config.json123"), text);
  renameSync(join(folder, "config.json123"), target);
}

test("a job's folder has the stand-in as its buildx, and everything else of the original by links", async () => {
  const { place, make } = makeHome({
    "config.json": '{"auths":{"a":{}}}',
    "cli-plugins/docker-buildx": "real",
    "cli-plugins/docker-compose": "compose",
    "buildx/current": "mine",
  });
  await make();
  const at = (path: string): string => readFileSync(join(place.folder, path), "utf8");
  expect(at("config.json")).toBe('{"auths":{"a":{}}}');
  expect(at("cli-plugins/docker-buildx")).toBe(standIn);
  expect(statSync(join(place.folder, "cli-plugins/docker-buildx")).mode & 0o777).toBe(0o755);
  expect(at("cli-plugins/docker-compose")).toBe("compose");
  expect(at("buildx/current")).toBe("mine");
});

test("a login that a step makes is where it would be without the stand-in, at once", async () => {
  const { place, make, read, original } = makeHome({ "config.json": "{}" });
  await make();
  saveAsDocker(place.folder, '{"auths":{"ghcr.io":{}}}');
  expect(read("config.json")).toBe('{"auths":{"ghcr.io":{}}}');
  expect(await removeDockerFolder(place)).toBe("kept");
  expect(read("config.json")).toBe('{"auths":{"ghcr.io":{}}}');
  expect(readdirSync(original)).toEqual(["config.json"]);
});

test("a configuration that is a link to a file elsewhere stays one", async () => {
  const { home, original, place, make } = makeHome();
  mkdirSync(original);
  writeFileSync(join(home, "kept.json"), "{}");
  symlinkSync(join(home, "kept.json"), join(original, "config.json"));
  await make();
  writeFileSync(join(place.folder, "config.json"), '{"auths":{}}');
  await removeDockerFolder(place);
  expect(readFileSync(join(home, "kept.json"), "utf8")).toBe('{"auths":{}}');
  expect(lstatSync(join(original, "config.json")).isSymbolicLink()).toBe(true);
});

test("a home without Docker's folder has none afterwards, and keeps a login that was made", async () => {
  const { place, make, original, read } = makeHome();
  await make();
  await removeDockerFolder(place);
  expect(existsSync(original)).toBe(false);
  await make();
  saveAsDocker(place.folder, "{}");
  await removeDockerFolder(place);
  expect(read("config.json")).toBe("{}");
});

test("what steps put into the folder is moved to the original", async () => {
  const { place, make, read, original } = makeHome({ "contexts/meta/a": "1", "cli-plugins/docker-compose": "1" });
  await make();
  mkdirSync(join(place.folder, "buildx/instances"), { recursive: true });
  writeFileSync(join(place.folder, "buildx/instances/mine"), "builder");
  writeFileSync(join(place.folder, "contexts/meta/b"), "2");
  writeFileSync(join(place.folder, "cli-plugins/docker-scout"), "scout");
  rmSync(join(place.folder, "config.json"));
  writeFileSync(join(place.folder, "config.json"), '{"by":"a tool that follows no link"}');
  await removeDockerFolder(place);
  expect(read("buildx/instances/mine")).toBe("builder");
  expect(readdirSync(join(original, "contexts/meta"))).toEqual(["a", "b"]);
  expect(readdirSync(join(original, "cli-plugins"))).toEqual(["docker-compose", "docker-scout"]);
  expect(read("config.json")).toContain("follows no link");
});

test("a buildx that a step installed over the stand-in is kept, and said", async () => {
  const { place, make, read } = makeHome({ "cli-plugins/docker-buildx": "old" });
  await make();
  writeFileSync(join(place.folder, "cli-plugins/docker-buildx"), "newer");
  expect(await removeDockerFolder(place)).toBe("replaced");
  expect(read("cli-plugins/docker-buildx")).toBe("newer");
});

test("removing twice is once, and a folder that was never finished goes", async () => {
  const { place, make, original } = makeHome({ "config.json": "{}" });
  expect(await removeDockerFolder(place)).toBe("gone");
  await make();
  rmSync(join(place.folder, "cli-plugins"), { recursive: true });
  expect(await removeDockerFolder(place)).toBe("gone");
  expect(await removeDockerFolder(place)).toBe("gone");
  expect(readdirSync(original)).toEqual(["config.json"]);
});

test("jobs side by side have a folder each; one whose job was killed goes when the next begins", async () => {
  const { home, original, place, make } = makeHome({ "config.json": "{}" });
  await make();
  const other = dockerFolderOf(original, "2");
  const otherJob = join(home, "other-job");
  mkdirSync(otherJob);
  await makeDockerFolder(other, standIn, otherJob);
  expect(readdirSync(other.folder)).toEqual(["cli-plugins", "config.json", "slipway-job"]);
  await removeDockerFolder(place);
  expect(readFileSync(join(other.folder, "cli-plugins/docker-buildx"), "utf8")).toBe(standIn);
  rmSync(otherJob, { recursive: true });
  await make();
  expect(readdirSync(original)).toEqual(["config.json", "slipway-1"]);
});
