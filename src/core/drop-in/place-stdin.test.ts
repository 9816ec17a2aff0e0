import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { defaultDropInOptions, type DropInResult } from "./request.ts";
import { runDropIn } from "./run-drop-in.ts";
import { type DropInWorld, makeDropInWorld } from "./testing/world.ts";

const argv = ["--push", "-t", "reg.test/shop/api:1", "-f", "-", "."];

function run(world: DropInWorld, dockerfile: string | undefined): Promise<DropInResult> {
  const stdin = dockerfile === undefined ? {} : { stdin: new TextEncoder().encode(dockerfile) };
  return runDropIn(world.open(), { argv, cwd: world.folder, options: defaultDropInOptions, ...stdin });
}

test("a Dockerfile on standard input counts by its text, and the files of the context with it", async () => {
  const world = makeDropInWorld({ "b.txt": "b" });
  const dockerfile = "FROM scratch\nCOPY a.txt /\n";
  expect((await run(world, dockerfile)).kind).toBe("built");
  expect((await run(world, dockerfile)).kind).toBe("reused");
  world.write({ "b.txt": "not copied" });
  expect((await run(world, dockerfile)).kind).toBe("reused");
  expect((await run(world, `${dockerfile}LABEL a=b\n`)).because).toBe('changed: "LABEL a=b" (new)');
  world.write({ "a.txt": "changed" });
  expect((await run(world, dockerfile)).because).toContain("a.txt");
});

test("buildx reads standard input, too, and nothing of the Dockerfile stays on the machine", async () => {
  const world = makeDropInWorld();
  let places: readonly string[] = [];
  world.docker.plan = ({ args }) => {
    places = args;
    return undefined;
  };
  await run(world, "FROM scratch\nCOPY a.txt /\n");
  expect(places).toContain("--file=-");
  expect(existsSync(`${world.folder}/-`)).toBe(false);
});

test("standard input that the caller has not read is left to buildx", async () => {
  const world = makeDropInWorld();
  expect((await run(world, undefined)).because).toBe("--file -: it is on standard input");
});
