import { expect, test } from "vitest";
import { readBuildArguments } from "../../invocation/read-build-arguments.ts";
import { wantedOf } from "../../invocation/wanted-places.ts";
import { parseDigest } from "../../model/digest.ts";
import { findPushedDigest } from "./pushed-digest.ts";
import { makeDropInWorld } from "./testing/world.ts";

const image = "reg.test/shop/api";
const digestOf = (letter: string): string => `sha256:${letter.repeat(64)}`;
const pushes = (digest: string, tag = "1"): string => `#7 pushing manifest for ${image}:${tag}@${digest} 0.0s done`;
const own = digestOf("a");

test.each<[string, readonly string[], readonly string[] | undefined, string | undefined]>([
  ["one output: buildx reports it", ["--push"], undefined, own],
  ["BuildKit says it", ["--push", "--load"], [pushes(digestOf("b"))], digestOf("b")],
  [
    "it says it for several lines alike",
    ["--push", "--load"],
    [pushes(digestOf("b")), pushes(digestOf("b"))],
    digestOf("b"),
  ],
  [
    "two outputs push differently",
    ["-o", "type=registry", "-o", "type=image,push=true"],
    [pushes(own), pushes(digestOf("b"))],
    undefined,
  ],
  ["only another tag is said, and nothing is there", ["--push", "--load"], [pushes(digestOf("b"), "10")], undefined],
  ["nothing is said, and nothing is there", ["--push", "--load"], undefined, undefined],
])("%s", async (_name, argv, stderrLines, expected) => {
  const invocation = readBuildArguments([...argv, "-t", `${image}:1`, "."], {});
  const wanted = wantedOf(invocation, "docker-container");
  if (wanted.kind !== "image") throw new Error("it is pushed");
  const built = { digest: parseDigest(own), stderrLines };
  expect(await findPushedDigest(makeDropInWorld().registry(), { invocation, wanted }, built)).toBe(expected);
});

test("what another run has put under the tag meanwhile is not what was pushed", async () => {
  const world = makeDropInWorld();
  await world.run(["--push", "-t", `${image}:1`, "."]);
  const invocation = readBuildArguments(["--push", "--load", "-t", `${image}:1`, "."], {});
  const wanted = wantedOf(invocation, "docker-container");
  if (wanted.kind !== "image") throw new Error("it is pushed");
  const built = { digest: parseDigest(own), stderrLines: undefined };
  expect(await findPushedDigest(world.registry(), { invocation, wanted }, built)).toBeUndefined();
});
