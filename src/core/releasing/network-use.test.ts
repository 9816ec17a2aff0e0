import { expect, onTestFinished, test } from "vitest";
import { makeFetch } from "../../http/fetch.ts";
import type { Fetch } from "../../host.ts";
import { countSteps } from "../testing/steps.ts";
import { type Shop, makeShop } from "../testing/shop.ts";

/** Services that stand alone, all released once. */
async function released(count: number): Promise<Shop> {
  const names = Array.from({ length: count }, (_, index) => `s${index + 1}`);
  const services = names.map((name) => `  ${name}:\n    context: ${name}\n`).join("");
  const contexts = names.flatMap((name) => [
    [`${name}/Dockerfile`, "FROM reg.test/os:1\nCOPY name.txt /\n"] as const,
    [`${name}/name.txt`, name] as const,
  ]);
  const world = await makeShop({
    ...Object.fromEntries(contexts),
    "slipway.yaml": `images: reg.test/shop/{service}\nreleases: reg.test/shop/releases\nservices:\n${services}`,
  });
  await world.release({ version: "1.0.0" });
  world.forget();
  return world;
}

test.each([
  [4, 9],
  [25, 11],
])("a release of %i services in which nothing changed takes no more than %i steps", async (count, most) => {
  const world = await released(count);
  const { host, steps } = countSteps(world.host());
  await world.release({ version: "1.0.1" }, host);
  expect(world.builds()).toEqual([]);
  expect(steps.length, steps.map((step, index) => `${index + 1}: ${step.join(", ")}`).join("\n")).toBeLessThanOrEqual(
    most,
  );
});

test.each([
  [4, 24],
  [25, 70],
])("a release of %i services in which nothing changed opens no more than %i connections", async (count, most) => {
  const world = await released(count);
  const server = await world.memory.listen();
  onTestFinished(() => server.close());
  const overSockets = makeFetch({});
  const fetch: Fetch = (url, init = {}) =>
    overSockets(url.replace("https://reg.test", `http://${server.host}`), {
      ...init,
      headers: { ...init.headers, host: "reg.test" },
    });
  await world.release({ version: "1.0.1" }, { ...world.host(), fetch });
  expect(world.builds()).toEqual([]);
  expect(server.connections()).toBeGreaterThan(0);
  expect(server.connections()).toBeLessThanOrEqual(most);
});
