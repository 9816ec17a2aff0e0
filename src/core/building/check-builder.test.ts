import { expect, test } from "vitest";
import { makeShop, settings } from "../testing/shop.ts";

const warnings = (events: readonly { kind: string; message?: string }[]): (string | undefined)[] =>
  events.flatMap((event) => (event.kind === "warning" ? [event.message] : []));

test("RUN for a platform that the builder lacks is said before anything is built", async () => {
  const world = await makeShop({
    "slipway.yaml": settings.replace(
      "    context: web\n",
      "    context: web\n    platforms: [linux/amd64, linux/s390x]\n",
    ),
    "web/Dockerfile": 'FROM scratch\nRUN ["make"]\n',
  });
  await expect(world.release({ version: "1.0.0" })).rejects.toMatchObject({
    code: "unavailable",
    message: 'the builder "default" cannot run linux/s390x, and RUN of web needs it (it has linux/amd64, linux/arm64)',
    hint: expect.stringMatching(/^install emulation: .*--install s390x; or /) as string,
  });
  expect(world.builds()).toEqual([]);
});

test("a platform that nothing runs on is built without a machine of it", async () => {
  const world = await makeShop({
    "slipway.yaml": settings.replace("    context: web\n", "    context: web\n    platforms: [linux/s390x]\n"),
    "web/Dockerfile": "FROM scratch\nCOPY index.html /\n",
  });
  expect((await world.release({ version: "1.0.0" })).state).toBe("released");
});

test("a registry that speaks plain HTTP is named so with each push and cache, and a base there to whoever set the builder up", async () => {
  const world = await makeShop();
  world.env = { SLIPWAY_INSECURE_REGISTRIES: "reg.test" };
  expect((await world.release({ version: "1.0.0", only: ["web"] })).state).toBe("released");
  const [args = []] = world.docker.builds.map((solve) => solve.args);
  const told = args.filter((arg) => /^type=(?:image|registry)/.test(arg));
  expect(told.length).toBeGreaterThan(1);
  expect(told.filter((arg) => !arg.includes("registry.insecure=true"))).toEqual([]);
  expect(warnings(world.events)).toEqual([
    expect.stringMatching(/^the builder "default" does not know that reg\.test speaks plain HTTP/),
  ]);
});
