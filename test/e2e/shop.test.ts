import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeShop, type Shop } from "../../sandbox/index.ts";
import { environment, hasEngine, headDigest, type Ran, sandbox, startSlipway } from "./rig.ts";

describe.skipIf(!hasEngine)("the shop, a repository as real ones are", () => {
  let base: string;
  let shop: Shop;
  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), "slipway-e2e-shop-"));
    shop = await makeShop(join(base, "shop"), { registry: `${sandbox().registry}/s${process.pid}` });
  });
  afterAll(() => rm(base, { recursive: true, force: true }));

  /** Two of the four; `npm run demo` releases them all, with the half-minute build among them. */
  const release = async (version: string): Promise<Record<string, string>> => {
    const args = ["release", version, "--only", "api", "worker", "--json"];
    const ran: Ran = await startSlipway(args, environment(), shop.folder).ended;
    expect(ran.exitCode, ran.stderr).toBe(0);
    const { services } = ran.json() as { services: { service: string; outcome: string }[] };
    return Object.fromEntries(services.map(({ service, outcome }) => [service, outcome]));
  };
  const digests = (tag: string) =>
    Promise.all([headDigest(shop.image("api"), tag), headDigest(shop.image("worker"), tag)]);

  test("has the two users of its library built for its first release", async () => {
    expect(await release("1.0.0")).toEqual({ api: "built", worker: "built" });
    expect(await digests("1.0.0")).not.toContain(undefined);
    expect(await digests("latest")).toEqual(await digests("1.0.0"));
  });

  test("is not built at all for a release of a change that no image sees", async () => {
    await shop.changeDocs();
    expect(await release("1.0.1")).toEqual({ api: "reused", worker: "reused" });
    expect(await digests("latest")).toEqual(await digests("1.0.0"));
  });

  test("has one built when one changed, and both when the library did", async () => {
    await shop.changeService("api");
    expect(await release("1.1.0")).toEqual({ api: "built", worker: "reused" });
    await shop.changeLibrary();
    expect(await release("1.2.0")).toEqual({ api: "built", worker: "built" });
  });
});
