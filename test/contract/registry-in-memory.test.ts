import { afterAll, beforeAll } from "vitest";
import { makeFetch } from "../../src/http/fetch.ts";
import { type ImageName, parseImageName } from "../../src/model/reference.ts";
import { makeRegistry } from "../../src/registry/registry.ts";
import {
  type RegistryInMemory,
  type RegistryInMemoryOptions,
  dockerRegistryAbilities,
  makeRegistryInMemory,
} from "../../src/registry/testing/registry-in-memory.ts";
import { makeTestHost } from "../../src/testing/test-host.ts";
import { describeRegistryContract } from "./registry.ts";

const kinds: Readonly<Record<string, RegistryInMemoryOptions>> = {
  "a registry that does all of distribution-spec 1.1": { tagsPerPage: 2 },
  "a registry like docker-registry": dockerRegistryAbilities,
  "a registry like GHCR": { referrers: "empty", deletesTags: false, tagsPerPage: 3, tagsLink: "absolute" },
  "a registry that does only what it must": {
    referrers: "off",
    sendsDigests: false,
    ranges: false,
    uploadStates: true,
  },
};

for (const [title, options] of Object.entries(kinds)) {
  const memory = makeRegistryInMemory(options);
  const registry = makeRegistry(makeTestHost({ fetch: memory.fetch }), { chunkBytes: 1000 });
  describeRegistryContract(title, () => ({ registry, name: nameAt("registry.test") }));
}

const overHttp: RegistryInMemory = makeRegistryInMemory();
let server: Awaited<ReturnType<RegistryInMemory["listen"]>>;

beforeAll(async () => {
  server = await overHttp.listen();
});
afterAll(() => server.close());

describeRegistryContract("a registry in memory over HTTP", () => ({
  registry: makeRegistry(makeTestHost({ fetch: makeFetch({}) }), { chunkBytes: 1000 }),
  name: nameAt(server.host),
}));

function nameAt(host: string): (suffix: string) => ImageName {
  return (suffix) => {
    const name = parseImageName(`${host}/contract/${suffix}`);
    if (name === undefined) throw new Error(`${suffix} makes no image name`);
    return name;
  };
}
