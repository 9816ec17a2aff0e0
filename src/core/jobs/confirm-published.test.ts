import { describe, expect, test } from "vitest";
import type { Part } from "../planning/parts.ts";
import { makeJobs } from "../testing/jobs.ts";
import { makeShop } from "../testing/shop.ts";

const version = (text: string) => ({ asked: { version: text } });

/** A run of 1.0.0 that is released, and one of 1.0.1 with other inputs of `web` that is built. */
async function twoRuns() {
  const world = await makeShop();
  const jobs = makeJobs(world);
  const first = await jobs.plan(version("1.0.0"));
  const before = await jobs.buildAll(first);
  await jobs.release(first, before);
  await world.repository.commit({ "web/index.html": "web 2" });
  const runPlan = await jobs.plan(version("1.0.1"));
  const [part] = await jobs.buildAll(runPlan);
  const [old] = before.filter(({ service }) => service === "web");
  if (part?.published == null || old?.published == null) throw new Error("web is built in both runs");
  return { world, jobs, runPlan, part, published: part.published, old, older: old.published };
}

describe("what a job of the run writes in place of a build job", () => {
  test("does not release an older image of the service", async () => {
    const { world, jobs, runPlan, part, older, old } = await twoRuns();
    const forged: Part = { ...part, published: older, fingerprint: old.fingerprint, digest: old.digest };
    const result = await jobs.release(runPlan, [forged]);
    expect(result.state).toBe("failed");
    expect(world.tags("shop/web")["1.0.1"]).toBeUndefined();
    expect(JSON.stringify(world.events)).toContain("other inputs than planned");
  });

  test("does not release an image of another name", async () => {
    const { world, jobs, runPlan, part, published } = await twoRuns();
    const forged: Part = { ...part, published: { ...published, name: world.image("os") } };
    expect((await jobs.release(runPlan, [forged])).state).toBe("failed");
  });

  test("does not choose another image under the inputs that were planned: the registry's is released", async () => {
    const { world, jobs, runPlan, part, published, older } = await twoRuns();
    const { digest } = older;
    const forged: Part = {
      ...part,
      digest,
      published: { ...published, digest, children: older.children },
    };
    const result = await jobs.release(runPlan, [forged]);
    expect(result.state).toBe("released");
    const [web] = result.releases.flatMap(({ manifest }) =>
      manifest.services.filter(({ service }) => service === "web"),
    );
    expect(web).toMatchObject({ platforms: [{ digest: published.digest }] });
    expect(world.events.filter(({ kind }) => kind === "warning")).toMatchObject([
      { message: expect.stringContaining(`the registry has ${published.digest}`) },
    ]);
  });

  test("does not choose what the plan reuses", async () => {
    const { jobs, runPlan, part, published } = await twoRuns();
    const reused = runPlan.reused.map((each) => (each.service === "base" ? { ...each, published } : each));
    const result = await jobs.release({ ...runPlan, reused }, [part]);
    const [base] = result.releases.flatMap(({ manifest }) =>
      manifest.services.filter(({ service }) => service === "base"),
    );
    const planned = runPlan.reused.find(({ service }) => service === "base")?.published.digest;
    expect(base).toMatchObject({ platforms: [{ digest: planned }] });
  });
});
