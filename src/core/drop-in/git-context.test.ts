import { expect, onTestFinished, test } from "vitest";
import { makeTestRepository } from "../../source/testing/repository.ts";
import { makeDropInWorld } from "./testing/world.ts";

const shop = "https://github.com/acme/shop.git";
const push = (context: string): string[] => ["--push", "-t", "reg.test/shop/api:1", context];

test("a git context is read at its commit, whatever lies in the folder, and ignore files leave nothing out", async () => {
  const repository = await makeTestRepository({
    "api/Dockerfile": "FROM scratch\nCOPY a.txt made.txt* /\n",
    "api/a.txt": "a",
    "api/.dockerignore": "a.txt\n",
  });
  onTestFinished(() => repository.dispose());
  const first = await repository.git("rev-parse", "HEAD");
  const world = makeDropInWorld({}, repository);
  await repository.write({ "api/a.txt": "changed", "api/made.txt": "made" });
  expect(await world.run(push(`${shop}#${first}:api`))).toMatchObject({ kind: "built", exitCode: 0 });
  // The build itself is buildx's, from the address.
  expect(world.docker.builds[0]?.args.at(-1)).toBe(`${shop}#${first}:api`);
  expect((await world.run(push(`${shop}#${first}:api`))).kind).toBe("reused");
  const readme = await repository.commit({ "README.md": "more", "api/a.txt": "a", "api/made.txt": "made" });
  expect((await world.run(push(`${shop}?ref=refs/heads/main&checksum=${readme}&subdir=api`))).because).toBe(
    "changed: api/made.txt (new)",
  );
});

test.each([
  [["https://example.com/context.tar.gz"], "Slipway does not read this context"],
  [["--build-context", "lib=lib", shop], "it is a folder beside a git context"],
  [["-f", "/Dockerfile", shop], "it is a file of this machine beside a git context"],
  [["--build-arg", "BUILDKIT_CONTEXT_KEEP_GIT_DIR=1", shop], "the context has git's own folder"],
])("%j is built plainly", async (argv, because) => {
  const world = makeDropInWorld();
  const result = await world.run(["--push", "-t", "reg.test/shop/api:1", ...argv]);
  expect(result.kind).toBe("built");
  expect(result.because).toContain(because);
});
