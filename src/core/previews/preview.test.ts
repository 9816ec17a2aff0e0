import { describe, expect, test } from "vitest";
import { deletePreviews } from "./delete-previews.ts";
import { preview, previewParts } from "./preview-command.ts";
import { makeJobs } from "../testing/jobs.ts";
import { pullRequestOf } from "../testing/pull-request.ts";
import { makeShop, settings, type Shop } from "../testing/shop.ts";
import { openWorkspace } from "../workspace/workspace.ts";

const withPreviews = { "slipway.yaml": `previews: reg.test/shop/{service}-preview\n${settings}` };
const options = { services: [], force: [], parallel: undefined, cache: undefined, builder: undefined };

const open = (world: Shop) => openWorkspace(world.host(), {}, (event) => void world.events.push(event));

/** Released once, then `base` changed in a pull request. */
async function changed(): Promise<Shop> {
  const world = await makeShop(withPreviews);
  await world.release({ version: "1.0.0" });
  await world.repository.commit({ "base/lib.txt": "lib 2" });
  world.env = await pullRequestOf(world.repository);
  world.forget();
  return world;
}

/** Tags and manifests of everything that is no preview. */
function released(world: Shop): unknown {
  return Object.entries(world.memory.snapshot()).filter(([name]) => !name.endsWith("-preview"));
}

describe("previews of a pull request", () => {
  test("are what it changed and what starts from that, and touch nothing that is released", async () => {
    const world = await changed();
    const before = released(world);
    const document = await preview(await open(world), { ...options, pullRequest: 7 });
    expect(
      document.services.map(({ service, outcome, preview: at }) => `${service} ${outcome} ${at?.reference}`),
    ).toEqual([
      "base built reg.test/shop/base-preview:pr-7",
      "api built reg.test/shop/api-preview:pr-7",
      "web reused undefined",
    ]);
    expect(document.growth.map(({ service, growth }) => [service, growth.since])).toEqual([
      ["base", "1.0.0"],
      ["api", "1.0.0"],
    ]);
    expect(released(world)).toEqual(before);
    expect(world.tags("shop/api-preview")["pr-7"]).toBe(document.services[1]?.preview?.digest);
    expect(Object.keys(world.tags("shop/web-preview"))).toEqual([]);
    expect(world.docker.builds.flatMap(({ args }) => args)).not.toContain("--cache-to");
  });

  test("are reused by the next push of the same pull request, and by no other one, and by no release", async () => {
    const world = await changed();
    await preview(await open(world), { ...options, pullRequest: 7 });
    world.forget();
    const again = await preview(await open(world), { ...options, pullRequest: 7 });
    expect(world.builds()).toEqual([]);
    expect(again.services.map(({ outcome, preview: at }) => `${outcome} ${at !== null}`)).toEqual([
      "reused true",
      "reused true",
      "reused false",
    ]);
    await preview(await open(world), { ...options, pullRequest: 8 });
    expect(world.builds()).toEqual(["base linux/amd64", "api linux/amd64"]);
    world.env = {};
    world.forget();
    await world.release({ version: "1.1.0" });
    expect(world.builds()).toEqual(["base linux/amd64", "api linux/amd64"]);
  });

  test("follow when the pull request takes its change back", async () => {
    const world = await changed();
    await preview(await open(world), { ...options, pullRequest: 7 });
    await world.repository.commit({ "base/lib.txt": "lib 1" });
    const document = await preview(await open(world), { ...options, pullRequest: 7 });
    expect(world.tags("shop/api-preview")["pr-7"]).toBe(world.tags("shop/api")["1.0.0"]);
    expect(document.services[1]).toMatchObject({
      outcome: "reused",
      preview: { digest: world.tags("shop/api")["1.0.0"] },
    });
  });

  test("are built by the jobs of a matrix, a round after the other, and put together from their parts", async () => {
    const world = await changed();
    const before = released(world);
    const jobs = makeJobs(world);
    const runPlan = await jobs.plan({ releases: false, preview: 7 });
    expect(runPlan.matrices.map((matrix) => matrix.map(({ service }) => service))).toEqual([["base"], ["api"]]);
    const parts = await jobs.buildAll(runPlan);
    expect(world.builds()).toEqual(["base linux/amd64", "api linux/amd64"]);
    const document = await previewParts(await open(world), { runPlan, parts });
    expect(document.state).toBe("previewed");
    expect(Object.keys(world.tags("shop/api-preview"))).toContain("pr-7");
    expect(released(world)).toEqual(before);
  });

  test("can never be released", async () => {
    const world = await changed();
    const jobs = makeJobs(world);
    const runPlan = await jobs.plan({ releases: false, preview: 7 });
    const parts = await jobs.buildAll(runPlan);
    world.env = {};
    await expect(jobs.release(runPlan, parts)).rejects.toMatchObject({ code: "refused" });
  });

  test("need a name to go to", async () => {
    const world = await makeShop();
    world.env = await pullRequestOf(world.repository);
    await expect(preview(await open(world), { ...options, pullRequest: 7 })).rejects.toMatchObject({
      code: "configuration",
      hint: expect.stringContaining("previews:"),
    });
  });
});

describe("when the pull request is closed", () => {
  test("its tags go, another's stay, and so do images that both name", async () => {
    const world = await changed();
    await preview(await open(world), { ...options, pullRequest: 7 });
    await preview(await open(world), { ...options, pullRequest: 8 });
    await world.repository.commit({ "base/lib.txt": "lib 1" });
    await preview(await open(world), { ...options, pullRequest: 7 });
    await preview(await open(world), { ...options, pullRequest: 8 });
    const shared = world.tags("shop/api-preview")["pr-8"];
    expect(world.tags("shop/api-preview")["pr-7"]).toBe(shared);
    const before = released(world);
    const { deleted, left } = await deletePreviews(await open(world), 7);
    expect(left).toEqual([]);
    expect(deleted).toContain("reg.test/shop/api-preview:pr-7");
    expect(Object.keys(world.tags("shop/api-preview")).filter((tag) => tag.startsWith("pr-7"))).toEqual([]);
    expect(world.tags("shop/api-preview")["pr-8"]).toBe(shared);
    expect(await world.registry().getManifest(world.image("api-preview"), shared ?? "")).toBeDefined();
    expect(released(world)).toEqual(before);
  });

  test("nothing is left of it, and doing it again changes nothing", async () => {
    const world = await changed();
    await preview(await open(world), { ...options, pullRequest: 7 });
    await deletePreviews(await open(world), 7);
    expect(world.tags("shop/base-preview")).toEqual({});
    expect(world.tags("shop/api-preview")).toEqual({});
    expect(await deletePreviews(await open(world), 7)).toEqual({ version: 1, pullRequest: 7, deleted: [], left: [] });
  });

  test("a registry that deletes nothing is told of, and GitHub is asked instead where it can be", async () => {
    const world = await changed();
    await preview(await open(world), { ...options, pullRequest: 7 });
    const name = world.image("api-preview");
    const raw = await world.registry().getManifest(name, "pr-7");
    if (raw !== undefined) await world.registry().putManifest(name, "pr-7.again", raw);
    world.memory.setFaults(({ method }) => (method === "DELETE" ? { kind: "status", status: 405 } : undefined));
    const refused = await deletePreviews(await open(world), 7);
    expect(refused.deleted).toEqual([]);
    expect(refused.left.map(({ reference }) => reference)).toEqual(
      expect.arrayContaining(["reg.test/shop/api-preview:pr-7", "reg.test/shop/api-preview:pr-7.again"]),
    );
    expect(world.events).toContainEqual(
      expect.objectContaining({ kind: "warning", message: expect.stringContaining("api-preview:pr-7 stays: ") }),
    );
    const elsewhere = await deletePreviews(await open(world), 7, async () => false);
    expect(elsewhere.left).toEqual(refused.left);
    const asked: string[] = [];
    const done = await deletePreviews(await open(world), 7, async (name, digest) => {
      asked.push(`${name}@${digest}`);
      return true;
    });
    expect(done.left).toEqual([]);
    expect(asked).toContain(`reg.test/shop/api-preview@${world.tags("shop/api-preview")["pr-7"]}`);
  });
});
