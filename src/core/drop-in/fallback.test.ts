import { existsSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeDropInWorld } from "./testing/world.ts";

const image = "reg.test/shop/api";
const push = ["--push", "-t", `${image}:1`, "."];
const isRecord = (reference: string | undefined): boolean => reference?.startsWith("fp-") === true;

test.each([401, 403, 404])("a look-up that is answered with %d finds nothing, without a warning", async (status) => {
  const world = makeDropInWorld();
  world.memory.setFaults(({ method, reference }) =>
    method === "GET" && isRecord(reference) ? { kind: "status", status } : undefined,
  );
  expect(await world.run(push)).toMatchObject({
    kind: "built",
    because: "no image of these inputs has been published yet",
  });
  expect(world.events.filter(({ kind }) => kind === "warning")).toEqual([]);
});

test("a registry that gives no answer to a look-up leads to one plain build, without a record", async () => {
  const world = makeDropInWorld();
  await world.run(push);
  world.memory.setFaults(({ method, reference }) =>
    method === "GET" && isRecord(reference) ? { kind: "status", status: 500 } : undefined,
  );
  const result = await world.run(["--push", "-t", `${image}:2`, "."]);
  expect(result).toMatchObject({ kind: "built", exitCode: 0, fingerprint: null });
  expect(result.because).toMatch(/^not planned: .*500/);
  expect(world.docker.builds).toHaveLength(2);
});

test.each<[string, Record<string, string>, readonly string[], RegExp]>([
  ["a Dockerfile that does not parse", { Dockerfile: "FRO scratch\n" }, [], /^not planned: .*FRO/],
  ["a file that is not there", { Dockerfile: "FROM scratch\nCOPY none /\n" }, [], /^not planned: .*none/],
  ["a Dockerfile that is not there", {}, ["-f", "none"], /^not planned: .*none/],
  ["a base that is not there", { Dockerfile: "FROM reg.test/none:1\n" }, [], /^not planned: base image .*none/],
  [
    "git's own folder",
    { Dockerfile: "FROM scratch\nCOPY . /\n", ".git/HEAD": "ref: refs/heads/main\n" },
    [],
    /^always built: ".git" is read.*\.dockerignore/,
  ],
  ["a policy beside the Dockerfile", { "Dockerfile.rego": "package docker\n" }, [], /^Dockerfile\.rego: .*policy/],
  ["a file from an address", { Dockerfile: "FROM scratch\nADD https://example.com/a /\n" }, [], /^always built: /],
])("%s leads to one plain build, which says how it is", async (_, files, argv, because) => {
  const world = makeDropInWorld(files);
  world.docker.plan = () => ({ fail: ["ERROR: as buildx has it"] });
  const result = await world.run([...argv, ...push]);
  expect(result).toMatchObject({ kind: "built", exitCode: 1 });
  expect(result.because).toMatch(because);
  expect(world.docker.builds.map(({ args }) => args.slice(-push.length))).toEqual([push]);
});

test("a push that is refused before the first tag moved is left to buildx", async () => {
  const world = makeDropInWorld();
  await world.run(push);
  world.memory.setFaults(({ method, reference }) =>
    method === "PUT" && reference === "2" ? { kind: "status", status: 403 } : undefined,
  );
  world.docker.plan = () => ({ fail: ["ERROR: failed to push: denied"] });
  const result = await world.run(["--push", "-t", `${image}:2`, "."]);
  expect(result).toMatchObject({ kind: "built", exitCode: 1 });
  expect(result.because).toMatch(/^nothing changed since its published image, but it cannot be reused: .*403/);
  expect(world.docker.builds).toHaveLength(2);
});

test("what fails after the first tag moved is a failure, and nothing is built", async () => {
  const world = makeDropInWorld();
  await world.run(push);
  world.hub.setFaults(({ method, reference }) =>
    method === "PUT" && reference === "2" ? { kind: "status", status: 403 } : undefined,
  );
  const both = world.run(["--push", "-t", `${image}:2`, "-t", "hub.test/acme/api:2", "."]);
  await expect(both).rejects.toThrow(/hub\.test\/acme\/api/);
  expect(world.tags("shop/api")["2"]).toBeDefined();
  expect(world.docker.builds).toHaveLength(1);
});

test("a build of files that change meanwhile is not recorded", async () => {
  const world = makeDropInWorld();
  world.docker.plan = () => ({ meanwhile: async () => world.write({ "a.txt": "other" }) });
  await world.run(push);
  expect(world.events).toContainEqual(
    expect.objectContaining({
      message: `${image}: the build was not recorded: a file or a base changed while it was built`,
    }),
  );
  world.docker.plan = undefined;
  expect((await world.run(push)).kind).toBe("built");
  expect((await world.run(push)).kind).toBe("reused");
});

test("a record that cannot be written leaves the build as it is", async () => {
  const world = makeDropInWorld();
  world.memory.setFaults(({ method, reference }) =>
    method === "PUT" && isRecord(reference) ? { kind: "status", status: 403 } : undefined,
  );
  expect(await world.run(push)).toMatchObject({ kind: "built", exitCode: 0 });
  expect(world.events).toContainEqual(
    expect.objectContaining({ kind: "warning", message: expect.stringContaining("the build was not recorded") }),
  );
});

test("a build that will be recorded gets the files that were read and no others, and the folder stays as it was", async () => {
  const world = makeDropInWorld({ "b.txt": "not read" });
  const before = readdirSync(world.folder);
  let staged: string[] = [];
  world.docker.plan = ({ cwd }) => {
    staged = readdirSync(cwd);
    return undefined;
  };
  const argv = ["--metadata-file", "m.json", ...push];
  expect(await world.run(argv)).toMatchObject({ kind: "built", exitCode: 0 });
  expect(staged).toEqual(["Dockerfile", "a.txt"]);
  expect(world.docker.builds[0]?.cwd).not.toBe(world.folder);
  expect(existsSync(world.docker.builds[0]?.cwd ?? "")).toBe(false);
  expect(readdirSync(world.folder)).toEqual([...before, "m.json"].sort());
});

test("a file that only BuildKit reads leads to one plain build, without a record", async () => {
  const world = makeDropInWorld();
  world.docker.plan = ({ cwd }) =>
    cwd === world.folder
      ? undefined
      : { fail: ['ERROR: failed to calculate checksum of ref a::b: "/c.txt": not found'] };
  expect(await world.run(push)).toMatchObject({ kind: "built", exitCode: 0 });
  expect(world.docker.builds.map(({ cwd }) => cwd === world.folder)).toEqual([false, true]);
  expect(world.events).toContainEqual({
    kind: "warning",
    message:
      'BuildKit reads "/c.txt", which Slipway did not find among the files of the build: it is built again, without a record',
  });
  expect(Object.keys(world.tags("shop/api"))).toEqual(["1"]);
});

test("a folder that only buildx looks for leads to one plain build, without a record", async () => {
  const world = makeDropInWorld();
  world.docker.plan = ({ cwd }) =>
    cwd === world.folder
      ? undefined
      : { fail: [`ERROR: failed to get build context other: stat ${cwd}/other: no such file or directory`] };
  expect(await world.run(push)).toMatchObject({ kind: "built", exitCode: 0 });
  expect(world.docker.builds).toHaveLength(2);
  expect(world.events).toContainEqual({
    kind: "warning",
    message: `BuildKit reads "${world.folder}/other", which Slipway did not find among the files of the build: it is built again, without a record`,
  });
});

test("an instruction or a push that fails is not tried again", async () => {
  const world = makeDropInWorld();
  for (const said of [
    'process "/bin/sh -c make" did not complete successfully: exit code: 2',
    "failed to push: 403 Forbidden",
  ]) {
    world.docker.plan = () => ({ fail: [`ERROR: failed to solve: ${said}`] });
    expect(await world.run(push)).toMatchObject({ kind: "built", exitCode: 1 });
  }
  expect(world.docker.builds).toHaveLength(2);
});

test("a last record that cannot be written, as where tags cannot move, leaves reuse as it is", async () => {
  const world = makeDropInWorld();
  await world.run(push);
  world.env = { ...world.env, GITHUB_SHA: "b".repeat(40) };
  world.memory.setFaults(({ method, reference }) =>
    method === "PUT" && reference?.startsWith("fp-last-") === true ? { kind: "status", status: 400 } : undefined,
  );
  expect(await world.run(["--push", "-t", `${image}:2`, "."])).toMatchObject({ kind: "reused" });
  expect(world.events.filter(({ kind }) => kind === "warning")).toHaveLength(1);
});

test("a file that keeps size and time and not its content is not recorded: a builder may have the earlier one", async () => {
  const world = makeDropInWorld();
  const cache = `${world.folder}-cache`;
  onTestFinished(() => rmSync(cache, { recursive: true, force: true }));
  world.env = { ...world.env, XDG_CACHE_HOME: cache };
  const write = (content: string, seconds: number): void => {
    world.write({ "a.txt": content });
    utimesSync(join(world.folder, "a.txt"), seconds, seconds);
  };
  write("a", 0);
  await world.run(push);
  write("b", 0);
  for (const _ of [1, 2]) {
    expect((await world.run(push)).kind).toBe("built");
    expect(world.events.splice(0)).toContainEqual(
      expect.objectContaining({
        message: expect.stringMatching(/^"a\.txt" has the size and the time .* not recorded/),
      }),
    );
  }
  write("b", 1);
  expect((await world.run(push)).kind).toBe("built");
  expect((await world.run(push)).kind).toBe("reused");
});
