import { onTestFinished } from "vitest";
import type { Event } from "../../event.ts";
import type { Host } from "../../host.ts";
import { build, plan, release, rollback } from "../../index.ts";
import type { BuildDocument, ReleaseDocument, RollbackDocument } from "../../model/documents.ts";
import type { ImageName } from "../../model/reference.ts";
import type { Plan } from "../../model/plan.ts";
import { makeTestRepository, type TestFile, type TestRepository } from "../../source/testing/repository.ts";
import { imageName } from "../../testing/image-name.ts";
import { makeIndex } from "../../testing/test-image.ts";
import { makeWorld, type World } from "../../testing/world.ts";

type ReleaseOptions = NonNullable<Parameters<typeof release>[0]>;
type BuildOptions = NonNullable<Parameters<typeof build>[0]>;

/** A world whose repository has three services, in which whole commands run, each as a run of its own. */
export interface Shop extends World {
  readonly repository: TestRepository;
  /** `service platform` of every build since the last `forget`, in the order in which they started. */
  builds(): string[];
  release(options?: ReleaseOptions, host?: Host): Promise<ReleaseDocument>;
  build(options?: BuildOptions, host?: Host): Promise<BuildDocument>;
  planned(services?: readonly string[], force?: readonly string[] | true): Promise<Plan>;
  rollback(to: string): Promise<RollbackDocument>;
  /** Removes the SBOM scanner from its registry. */
  removeScanner(): void;
  /** The image name `reg.test/shop/NAME`; for `os`, the base image of all services. */
  image(name: string): ImageName;
  /** The digest of a service in a release. */
  digest(result: ReleaseDocument, service: string): string;
}

/** Repository of BuildKit's SBOM scanner. */
const scannerRepository = "docker/buildkit-syft-scanner";

export const settings = `images: reg.test/shop/{service}
releases: reg.test/shop/releases
services:
  api:
    context: api
    contexts: { base: { service: base } }
  base:
    context: base
  web:
    context: web
`;

/** Three services: `api` starts from the image of `base`, `web` needs no other. */
const shop: Readonly<Record<string, TestFile>> = {
  "slipway.yaml": settings,
  "api/Dockerfile": "FROM base\nCOPY src /src\n",
  "api/src/main.txt": "api 1",
  "base/Dockerfile": "FROM reg.test/os:1\nCOPY lib.txt /lib.txt\n",
  "base/lib.txt": "lib 1",
  "web/Dockerfile": "FROM reg.test/os:1\nCOPY index.html /\n",
  "web/index.html": "web 1",
};

/** Makes a shop with its usual files, overridden by `files`. */
export async function makeShop(files: Readonly<Record<string, TestFile>> = {}): Promise<Shop> {
  const repository = await makeTestRepository({ ...shop, ...files });
  onTestFinished(() => repository.dispose());
  const world = makeWorld({ at: repository });
  await world.moveBase("os 1");
  await world.registry().putManifest(imageName(`docker.io/${scannerRepository}`), "stable-1", makeIndex([]));
  const onEvent = (event: Event): void => world.emit(event);
  const makeHost = (): Host => world.host();
  return Object.assign(world, {
    repository,
    builds: () => world.docker.builds.map(({ service, platform }) => `${service} ${platform}`),
    release: (options: ReleaseOptions = {}, host: Host = makeHost()) => release({ ...options, host, onEvent }),
    build: (options: BuildOptions = {}, host: Host = makeHost()) => build({ ...options, host, onEvent }),
    planned: (services: readonly string[] = [], force: readonly string[] | true = []) =>
      plan({ services, force, host: makeHost() }),
    rollback: (to: string) => rollback(to, { host: makeHost(), onEvent }),
    removeScanner: () => {
      const digest = world.tags(scannerRepository)["stable-1"];
      if (digest !== undefined) world.memory.deleteManifest(scannerRepository, digest);
    },
    image: (name: string) => imageName(name === "os" ? "reg.test/os" : `reg.test/shop/${name}`),
    digest: (result: ReleaseDocument, service: string) => {
      const found = result.releases
        .flatMap(({ manifest }) => manifest.services)
        .find((each) => each.service === service);
      if (found === undefined) throw new Error(`${service} is not in the release`);
      return found.digest;
    },
  });
}
