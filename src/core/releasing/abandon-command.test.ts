import { expect, test } from "vitest";
import { abandon, status } from "../../index.ts";
import { makeShop, type Shop } from "../testing/shop.ts";

/** Lets a version tag hold another image, as a run that died beside another one leaves it. */
function spoil(world: Shop, tag: string, by: string): void {
  const digest = world.memory.snapshot()["shop/web"]?.tags[by];
  if (digest === undefined) throw new Error(`web:${by} is not there`);
  world.memory.setTag("shop/web", tag, digest);
}

test("a version that was abandoned is not released again, and the next by the commits goes past it", async () => {
  const world = await makeShop();
  await world.release({ version: "1.0.0" });
  await world.repository.commit({ "web/index.html": "web 2" }, "fix: web");
  await world.release({ version: "1.0.1" });
  spoil(world, "1.0.1", "1.0.0");
  const done = await abandon("1.0.1", { host: world.host() });
  expect(done).toMatchObject({ release: "1.0.1", record: "abandoned.of.1.0.1", already: false });
  expect(world.tags("shop/web")["latest"]).toBe(world.tags("shop/web")["1.0.0"]);
  await expect(world.release({ version: "1.0.1" })).rejects.toMatchObject({
    code: "refused",
    message: "release 1.0.1 was abandoned before",
  });
  const next = await world.release({ versionFrom: { kind: "commits" } });
  expect(next.releases.map(({ record }) => record)).toEqual(["1.0.2"]);
  expect(world.tags("shop/web")["latest"]).toBe(world.digest(next, "web"));
  expect((await status({ host: world.host() })).releases.map(({ record, state }) => [record, state])).toEqual([
    ["1.0.2", "finished"],
    ["1.0.1", "abandoned"],
    ["1.0.0", "finished"],
  ]);
});

test("a commit of a branch whose release was abandoned goes on with its next revision", async () => {
  const world = await makeShop();
  await world.release({ version: "1.0.0" });
  await world.repository.commit({ "web/index.html": "web 2" });
  const first = await world.release();
  const [record = ""] = first.releases.map((each) => each.record);
  spoil(world, `sha-${first.releases[0]?.manifest.commit.slice(0, 7)}`, "1.0.0");
  await abandon(record, { host: world.host() });
  const second = await world.release();
  expect(second.state).toBe("released");
  expect(second.releases[0]?.manifest.subject).toMatchObject({ kind: "branch", revision: 2 });
  expect(world.tags("shop/web")["main"]).toBe(world.digest(second, "web"));
});

test("a pull request abandons nothing", async () => {
  const world = await makeShop();
  await world.release({ version: "1.0.0" });
  world.env = { GITHUB_ACTIONS: "true", GITHUB_EVENT_NAME: "pull_request" };
  await expect(abandon("1.0.0", { host: world.host() })).rejects.toMatchObject({ code: "refused" });
});
