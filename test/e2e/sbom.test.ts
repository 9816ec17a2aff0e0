import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addScanner, whyNoScanner } from "../../sandbox/scanner/index.ts";
import { environment, hasEngine, makeRepo, type Repo, sandbox } from "./rig.ts";

const files = {
  "web/Dockerfile": "FROM node:24-slim\nCOPY package.json /app/\n",
  "web/package.json": '{ "name": "shop-web", "version": "1.0.0" }\n',
};

/** Description of an image by `docker buildx imagetools`, an independent reader. */
async function inspect(image: string, field: string): Promise<unknown> {
  const args = ["buildx", "imagetools", "inspect", image, "--format", `{{json ${field}}}`];
  const { stdout } = await promisify(execFile)("docker", args, { env: environment(), maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout);
}

const why = hasEngine ? whyNoScanner(sandbox()) : "there is no engine";

describe.skipIf(why !== undefined)(
  `SBOMs of a release, by the real syft${why === undefined ? "" : ` (${why})`}`,
  () => {
    let repo: Repo;
    beforeAll(async () => {
      await addScanner(sandbox());
      repo = await makeRepo(files);
    });
    afterAll(() => repo.remove());

    test("buildx reads the packages of the image, and the provenance beside them", async () => {
      const ran = await repo.slipway("release", "1.0.0");
      expect(ran.exitCode, ran.stderr).toBe(0);
      expect(ran.stderr).not.toContain("SBOM");
      const sbom = await inspect(`${repo.image("web")}:1.0.0`, ".SBOM.SPDX");
      expect(sbom).toMatchObject({
        spdxVersion: "SPDX-2.3",
        packages: expect.arrayContaining([expect.objectContaining({ name: "shop-web", versionInfo: "1.0.0" })]),
      });
      expect(await inspect(`${repo.image("web")}:1.0.0`, ".Provenance")).toHaveProperty("SLSA");
    });

    test("a secret in a file's name keeps the image from being published", async () => {
      const leaky = await makeRepo(
        {
          "web/Dockerfile": 'FROM busybox\nRUN --mount=type=secret,id=npm touch "/$(cat /run/secrets/npm)"\n',
        },
        {
          config: 'services:\n  web: { context: web, secrets: ["id=npm,env=SHOP_NPM_VALUE"] }\n',
          env: { SHOP_NPM_VALUE: "s3cr3t-token-value" },
        },
      );
      const ran = await leaky.slipway("release", "1.0.0");
      expect(ran.exitCode, ran.stderr).toBe(3);
      expect(ran.stderr).toContain('the name of a file holds the value of the secret "npm"');
      expect(ran.stdout + ran.stderr).not.toContain("s3cr3t-token-value");
      expect(await leaky.visibleTags("web")).toEqual([]);
      await leaky.remove();
    });

    test("nothing is built for the SBOM of what is unchanged", async () => {
      const before = await repo.digest("web", "1.0.0");
      await repo.commit({ "README.md": "more\n" });
      const ran = await repo.slipway("release", "1.0.1");
      expect(ran.exitCode, ran.stderr).toBe(0);
      expect(await repo.digest("web", "1.0.1")).toBe(before);
    });
  },
);
