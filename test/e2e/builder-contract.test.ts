import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type SandboxBuilder, startBuilder, whyNoBuilder } from "../../sandbox/index.ts";
import { inspectBuilder } from "../../src/buildkit/builder.ts";
import { makeNodeHost } from "../../src/node-host.ts";
import { type BuilderSubject, describeBuilderContract } from "../contract/builder.ts";

const sandbox = inject("sandbox");
const log = (line: string): void => void process.stderr.write(`${line}\n`);

/** Asks a builder, as a command does before it builds. */
async function openSubject(
  env: Readonly<Record<string, string>>,
): Promise<BuilderSubject & { readonly driver: string }> {
  if (sandbox === null) throw new Error("there is no engine: the test should have been skipped");
  const host = makeNodeHost({ env: { ...process.env, ...sandbox.env, ...env } });
  const { platforms, driver, exportsCaches } = await inspectBuilder(host);
  const [platform] = platforms;
  if (platform === undefined) throw new Error("the builder has no platform");
  expect(exportsCaches).toBe(true);
  return { host, platform, driver, registry: sandbox.registry, mirror: sandbox.mirror };
}

function given(subject: BuilderSubject | undefined): BuilderSubject {
  if (subject === undefined) throw new Error("the builder did not start");
  return subject;
}

describe.skipIf(sandbox === null)("the sandbox's own builder", () => {
  let subject: BuilderSubject | undefined;
  beforeAll(async () => void (subject = await openSubject({})));
  describeBuilderContract("keeps the contract", () => given(subject));
});

describe.each([
  ["container", "docker-container"],
  ["remote", "remote"],
] as const)("a builder of BuildKit itself, %s", (kind, driver) => {
  const missing = sandbox === null ? "there is no engine" : whyNoBuilder(sandbox, kind);
  if (missing !== undefined) {
    test.skip(`is held to the contract where it can be made: ${missing}`, () => undefined);
    return;
  }
  let builder: SandboxBuilder | undefined;
  let subject: BuilderSubject | undefined;
  beforeAll(async () => {
    if (sandbox === null) return;
    builder = await startBuilder(sandbox, { name: `contract-${kind}-${process.pid}`, kind, log });
    const opened = await openSubject(builder.env);
    expect(opened.driver).toBe(driver);
    subject = opened;
  });
  afterAll(() => builder?.close());
  describeBuilderContract("keeps the contract", () => given(subject));
});
