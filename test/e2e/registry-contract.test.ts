import { describe, test } from "vitest";
import { parseImageName } from "../../src/model/reference.ts";
import { makeNodeHost } from "../../src/node-host.ts";
import { makeRegistry } from "../../src/registry/registry.ts";
import { describeRegistryContract } from "../contract/registry.ts";

const address = process.env["SLIPWAY_REGISTRY"];

if (address === undefined || address === "") {
  describe("a real registry", () => {
    test.skip("is held to the contract when SLIPWAY_REGISTRY has its host and port", () => undefined);
  });
} else {
  // Names of this run only: what earlier runs left behind says nothing about this one.
  const run = `contract-${Date.now().toString(36)}`;
  const registry = makeRegistry(makeNodeHost(), { chunkBytes: 1000 });
  describeRegistryContract(`the registry at ${address}`, () => ({
    registry,
    name: (suffix) => {
      const name = parseImageName(`${address}/${run}/${suffix}`);
      if (name === undefined) throw new Error(`SLIPWAY_REGISTRY="${address}" is no registry host`);
      return name;
    },
  }));
}
