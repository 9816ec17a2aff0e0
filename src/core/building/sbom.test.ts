import { describe, expect, test } from "vitest";
import type { ReleaseDocument } from "../../model/documents.ts";
import { explainStep } from "../../plan/explain.ts";
import type { FakeBuild } from "../../testing/docker/fake-build.ts";
import type { FakeOutcome } from "../../testing/docker/fake-docker.ts";
import { makeShop, settings, type Shop } from "../testing/shop.ts";

const scanner = /^--sbom=generator=docker\.io\/docker\/buildkit-syft-scanner:stable-1@sha256:[0-9a-f]{64}$/;

function withSbom(setting: string, files: Parameters<typeof makeShop>[0] = {}): Promise<Shop> {
  return makeShop({ "slipway.yaml": `sbom: ${setting}\n${settings}`, ...files });
}

/** `--sbom` of each solve, by service. */
function sbomFlags(world: Shop): Record<string, string | undefined> {
  return Object.fromEntries(
    world.docker.builds.map(({ service, args }) => [service, args.find((arg) => arg.startsWith("--sbom"))]),
  );
}

/** Fails as BuildKit 0.25 does when the scanner's program fails, on the service `web`. */
function failOnWeb({ service, args, platform }: FakeBuild): FakeOutcome | undefined {
  const generator = args.find((arg) => arg.startsWith("--sbom=generator="))?.slice("--sbom=generator=".length);
  if (service !== "web" || generator === undefined) return undefined;
  const error = 'process "/bin/scanner" did not complete successfully: exit code: 1';
  const [started, completed] = ["2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"];
  const name = `[${platform}] generating sbom using ${generator}`;
  const vertex = { digest: `sha256:${"a".repeat(64)}`, name, started, completed, error };
  return { fail: [JSON.stringify({ vertexes: [vertex] }), `ERROR: failed to build: failed to solve: ${error}`] };
}

function warnings({ events }: Shop): string[] {
  return events.flatMap((event) => (event.kind === "warning" ? [event.message] : []));
}

function outcomes(result: ReleaseDocument): string[] {
  return result.services.map(({ service, outcome }) => `${service} ${outcome}`);
}

describe("sbom: auto, the default", () => {
  test("each build gets the scanner, which is pinned by digest", async () => {
    const world = await makeShop();
    await world.release({ version: "1.0.0" });
    const flags = Object.values(sbomFlags(world));
    expect(flags).toEqual(flags.map(() => expect.stringMatching(scanner)));
    expect(new Set(flags).size).toBe(1);
    expect(warnings(world)).toEqual([]);
  });

  test("without the scanner, all is built without SBOMs, and one warning says so", async () => {
    const world = await makeShop();
    world.removeScanner();
    expect((await world.release({ version: "1.0.0" })).state).toBe("released");
    expect(sbomFlags(world)).toEqual({ api: "--sbom=false", base: "--sbom=false", web: "--sbom=false" });
    expect(warnings(world)).toEqual([
      "3 services built without an SBOM, since the scanner cannot be had: docker.io/docker/buildkit-syft-scanner:stable-1 is not there; `sbom: off` in slipway.yaml stops asking for it",
    ]);
  });

  test("a scanner that fails on one image leaves that one without an SBOM", async () => {
    const world = await makeShop();
    world.docker.plan = failOnWeb;
    expect((await world.release({ version: "1.0.0" })).state).toBe("released");
    expect(sbomFlags(world)).toMatchObject({ api: expect.stringMatching(scanner), web: "--sbom=false" });
    expect(warnings(world)).toEqual([
      expect.stringMatching(/^web linux\/amd64 has no SBOM: generating sbom using docker\.io\/\S+: exit code 1$/),
    ]);
  });

  test("what was published without an SBOM is reused as it is", async () => {
    const world = await withSbom("off");
    await world.release({ version: "1.0.0" });
    await world.repository.commit({ "slipway.yaml": settings });
    world.forget();
    await world.release({ version: "1.0.1" });
    expect(world.builds()).toEqual([]);
  });

  test("a run that publishes nothing asks for no scanner", async () => {
    const world = await makeShop();
    world.removeScanner();
    world.env = { CI: "true", GITHUB_ACTIONS: "true", GITHUB_EVENT_NAME: "pull_request" };
    await world.build({ untrusted: true });
    expect(Object.values(sbomFlags(world))).toEqual(world.builds().map(() => "--sbom=false"));
    expect(warnings(world).filter((each) => each.includes("SBOM"))).toEqual([]);
  });
});

test("sbom: off builds without SBOMs and asks for no scanner", async () => {
  const world = await withSbom("off");
  world.removeScanner();
  await world.release({ version: "1.0.0" });
  expect(Object.values(sbomFlags(world))).toEqual(["--sbom=false", "--sbom=false", "--sbom=false"]);
  expect(warnings(world)).toEqual([]);
});

describe("sbom: required", () => {
  test("without the scanner nothing is built, and the services are named", async () => {
    const world = await withSbom("required");
    world.removeScanner();
    await expect(world.release({ version: "1.0.0" })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(
        /^SBOMs are required of api, base, web, and the scanner cannot be had: docker\.io/,
      ),
    });
    expect(world.builds()).toEqual([]);
  });

  test("a scanner that fails on one image fails the release, and no tag moves", async () => {
    const world = await withSbom("required");
    world.docker.plan = failOnWeb;
    const result = await world.release({ version: "1.0.0" });
    expect(result.state).toBe("failed");
    expect(outcomes(result)).toEqual(["base built", "api built", "web failed"]);
    expect(world.tags("shop/web")["1.0.0"]).toBeUndefined();
  });

  test("an image without an SBOM is built anew, once, and its digest changes although its content does not", async () => {
    const world = await withSbom("off");
    const first = await world.release({ version: "1.0.0" });
    await world.repository.commit({ "slipway.yaml": `sbom: required\n${settings}` });
    world.forget();
    const step = (await world.planned(["web"])).steps.find(({ service }) => service === "web");
    expect(step === undefined ? "" : explainStep(step)).toBe(
      "its published image is not whole: the required SBOM for linux/amd64",
    );
    const second = await world.release({ version: "1.0.1" });
    expect(world.builds()).toContain("web linux/amd64");
    expect(world.digest(second, "web")).not.toBe(world.digest(first, "web"));
    world.forget();
    await world.repository.commit({ "README.md": "more" });
    const third = await world.release({ version: "1.0.2" });
    expect(world.builds()).toEqual([]);
    expect(world.digest(third, "web")).toBe(world.digest(second, "web"));
  });
});

describe("attestations are OCI artifacts with a subject", () => {
  const outputOf = (world: Shop): string[] =>
    world.docker.builds.map(({ args }) => args.find((arg) => arg.startsWith("type=image")) ?? "");

  test("where each registry of the image has the referrers API", async () => {
    const world = await makeShop();
    await world.release({ version: "1.0.0" });
    expect(outputOf(world)).toEqual(world.builds().map(() => expect.stringContaining("oci-artifact=true")));
  });

  test("not where the registry has no such API, or does not answer", async () => {
    const world = await makeShop();
    world.memory.setFaults(({ kind }) => (kind === "referrers" ? { kind: "status", status: 404 } : undefined));
    await world.release({ version: "1.0.0" });
    expect(outputOf(world)).toEqual(world.builds().map(() => expect.stringContaining("oci-artifact=false")));
  });
});
