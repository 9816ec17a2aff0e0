import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listTags } from "../e2e/rig.ts";
import { canRun, openScene, type Scene, trunk } from "./rig.ts";

const files = {
  "api/Dockerfile": "FROM scratch\nCOPY app.txt /\n",
  "api/app.txt": "api 1\n",
  "web/Dockerfile": "FROM scratch\nCOPY app.txt /\n",
  "web/app.txt": "web 1\n",
};

describe.skipIf(!canRun)("previews of pull requests", () => {
  let scene: Scene;
  let released: Readonly<Record<string, string | undefined>>;
  beforeAll(async () => {
    scene = await openScene(files, { config: 'previews: "PREFIX/{service}-preview"\n', init: ["--jobs", "matrix"] });
    await scene.run(trunk);
    released = await images();
  });
  afterAll(() => scene.remove());

  /** All but the previews. */
  const images = async (): Promise<Readonly<Record<string, string | undefined>>> =>
    Object.fromEntries(Object.entries(await scene.repo.listing()).filter(([name]) => !name.includes("-preview:")));
  const previews = async (): Promise<string[]> =>
    (await listTags(scene.repo.image("api-preview"))).filter((tag) => /^pr-\d+$/.test(tag));
  const comments = async (number: number): Promise<string[]> => {
    const response = await fetch(`${scene.github.apiUrl}/repos/acme/shop/issues/${number}/comments`);
    return ((await response.json()) as { body: string }[]).map(({ body }) => body);
  };
  let number = 0;

  test("are pushed under a name of their own, and commented once", async () => {
    const run = await scene.pullRequest({ "api/app.txt": "api, proposed\n" });
    number = run.number;
    expect(run.exitCode, run.text).toBe(0);
    expect(await previews()).toEqual([`pr-${number}`]);
    expect(await images()).toEqual(released);
    const said = await comments(number);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(`${scene.repo.prefix}/api-preview:pr-${number}`);
  });

  test("follow the pull request, and so does the comment", async () => {
    const before = await scene.repo.digest("api-preview", `pr-${number}`);
    const run = await scene.pullRequest({ "api/app.txt": "api, proposed again\n" }, { number });
    expect(run.exitCode, run.text).toBe(0);
    expect(await scene.repo.digest("api-preview", `pr-${number}`)).not.toBe(before);
    expect(await comments(number)).toHaveLength(1);
  });

  test("are not pushed for a fork", async () => {
    const run = await scene.pullRequest({ "web/app.txt": "web, of a fork\n" }, { isFork: true });
    expect(run.results(), run.text).toEqual({ plan: "success", "build web": "success", slipway: "success" });
    expect(await comments(run.number)).toEqual([]);
    expect(await images()).toEqual(released);
  });

  test("are deleted when the pull request is closed", async () => {
    const run = await scene.pullRequest({}, { number, action: "closed" });
    expect(run.exitCode, run.text).toBe(0);
    expect(await previews()).toEqual([]);
    expect(await images()).toEqual(released);
    expect(await comments(number)).toHaveLength(1);
  });
});
