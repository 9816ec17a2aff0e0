import { describe, test } from "vitest";
import { parseImageName } from "../../src/model/reference.ts";
import { makeNodeHost } from "../../src/node-host.ts";
import { makeRegistry } from "../../src/registry/registry.ts";
import { describeRegistryContract } from "../contract/registry.ts";
import { hasEngine, sandbox } from "./rig.ts";

// `SLIPWAY_REGISTRY` holds another registry to the contract: HOST:PORT, one that takes pushes.
const named = process.env["SLIPWAY_REGISTRY"];
const address = named === undefined || named === "" ? (hasEngine ? sandbox().registry : undefined) : named;

if (address === undefined) {
  describe("a real registry", () => {
    test.skip("is held to the contract where the sandbox can bring one up, or SLIPWAY_REGISTRY names one", () =>
      undefined);
  });
} else {
  // Names of this run only: what earlier runs left behind says nothing about this one.
  const run = `contract-${Date.now().toString(36)}`;
  const registry = makeRegistry(makeNodeHost(), { chunkBytes: 1000 });
  describeRegistryContract(`the registry at ${address}`, () => ({
    registry,
    name: (suffix) => {
      const name = parseImageName(`${address}/${run}/${suffix}`);
      if (name === undefined) throw new Error(`"${address}" is no registry host`);
      return name;
    },
  }));
}
