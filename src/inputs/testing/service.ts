import { testPlatform as platformOf } from "../../testing/test-image.ts";
import { openRepository } from "../../source/git/repository.ts";
import type { TestRepository } from "../../source/testing/repository.ts";
import { readTree, type TreeOptions } from "../../source/tree/tree.ts";
import { digestOf } from "../../model/digest.ts";
import type { Service } from "../../model/service.ts";
import { readInputs, type ReadInputs } from "../inputs.ts";
import type { Lookups } from "../request.ts";
import { imageName } from "../../testing/image-name.ts";

export { testPlatform as platformOf } from "../../testing/test-image.ts";

/** The service `api`, whose context is the root of the repository, with the given changes. */
export function makeService(changes: Partial<Service> = {}): Service {
  return {
    name: "api",
    context: ".",
    dockerfile: "Dockerfile",
    target: undefined,
    args: {},
    images: [imageName("registry.test/shop/api")],
    needs: [],
    platforms: [platformOf("linux/amd64")],
    contexts: {},
    secrets: [],
    ssh: [],
    labels: {},
    annotations: {},
    settings: {},
    generated: [],
    bases: "follow",
    refreshSeconds: undefined,
    cache: "auto",
    sbom: "auto",
    tags: { version: [], branch: [] },
    group: "default",
    ...changes,
  };
}

/** Look-ups that answer every image with a digest made from its name and platform. */
export function makeLookups(changes: Partial<Lookups> = {}): Lookups {
  return {
    base: async (reference, platform) => ({
      digest: digestOf(`${reference} ${platform}`),
      pin: `registry.test/base@${digestOf(reference)}`,
      config: { env: {}, onBuild: [] },
    }),
    service: () => undefined,
    gitCommit: async () => "c0ffee0000000000000000000000000000000000",
    ...changes,
  };
}

/** Reads a service's inputs from a repository in its current state. */
export async function inputsOf(
  repository: TestRepository,
  changes: Partial<Service> = {},
  options: {
    readonly lookups?: Lookups | "offline";
    readonly platform?: string;
    readonly clientArgs?: Readonly<Record<string, string>>;
  } & TreeOptions = {},
): Promise<ReadInputs> {
  const { lookups = makeLookups(), platform = "linux/amd64", clientArgs = {}, ...treeOptions } = options;
  const opened = await openRepository(repository.host, repository.root);
  const tree = await readTree(opened, { workingTree: opened.dirty, ...treeOptions });
  const service = makeService(changes);
  const buildPlatform = platformOf("linux/amd64");
  return readInputs({ service, platform: platformOf(platform), tree, lookups, buildPlatform, clientArgs });
}
