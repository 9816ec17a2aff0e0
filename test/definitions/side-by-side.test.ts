import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { discover } from "../../src/config/discover.ts";
import type { Service } from "../../src/model/service.ts";
import { makeNodeHost } from "../../src/node-host.ts";
import { run } from "../../sandbox/processes.ts";
import { Random } from "../property/random.ts";
import { findBake } from "./bake-print.ts";
import { meant } from "./differences.ts";
import { imageOfService, imageOfTarget, mapOf, tagsAtRelease, textList } from "./compare.ts";
import type { Definition, Image } from "./definition.ts";
import { generateBake } from "./generate-bake.ts";
import { generateCompose } from "./generate-compose.ts";

/** How many definitions of images; ten are in one file. The nightly run has more. */
const cases = Number(process.env["SLIPWAY_CASES"] ?? (process.env["SLIPWAY_NIGHTLY"] === undefined ? 100 : 500));
const seed = Number(process.env["SLIPWAY_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const tool = await findBake();
const because = typeof tool === "string" ? ` (${tool})` : "";
const bake = typeof tool === "string" ? undefined : tool;
console.info(`SLIPWAY_SEED=${seed} SLIPWAY_CASES=${cases}${because}`);

const folder = mkdtempSync(join(tmpdir(), "slipway-side-by-side-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  bake?.close();
});

const versions = ["3.4.5", "3.4.5-rc.2"] as const;

describe.skipIf(bake === undefined)(`bake and Slipway, side by side${because}`, () => {
  const kinds = [
    ["Compose", generateCompose],
    ["bake", generateBake],
  ] as const;
  const count = Math.max(1, Math.round(cases / 10 / kinds.length));
  const seeds = kinds.flatMap(([kind, generate]) =>
    Array.from({ length: count }, (_, index) => ({ kind, generate, own: seed + index })),
  );

  test.each(seeds)("read a $kind definition alike (seed $own)", async ({ kind, generate, own }) => {
    const definition = generate(new Random(own));
    const root = writeFiles(`${kind}-${own}`, definition.files);
    const untagged = writeFiles(`${kind}-${own}-images`, mapValues(definition.files, withoutTags));
    const at = (version: string): Record<string, string> => ({ [definition.versionVariable]: version });
    const [now, images, ...releases] = await Promise.all([
      printBake(root, definition, {}),
      kind === "Compose" ? printBake(untagged, definition, at("VERSION")) : {},
      ...versions.map((version) => printBake(root, definition, at(version))),
    ]);
    const services = await readServices(root, kind, definition);
    if (typeof now === "string" || typeof services === "string") {
      // The generators make definitions that hold.
      expect({ bake: now, slipway: services }, show(definition)).toBe("read by both");
      return;
    }
    const found = services.map((service) => [service.name, imageOfService(service)] as const);
    const foundByName = new Map(found);
    const names = meant.profile.apply(Object.keys(now), definition.off);
    const wanted = names.map((name) => {
      const image = imageOfTarget(mapOf(now[name]), root);
      return [name, meant.limits.apply(image, foundByName.get(name))] as const;
    });
    expect(sorted(found), show(definition)).toEqual(sorted(wanted));
    for (const [index, version] of versions.entries()) {
      const printed = releases[index];
      if (printed === undefined || typeof printed === "string")
        throw new Error(`bake refuses ${version}: ${String(printed)}`);
      const tags = services.map((service) => [service.name, tagsAtRelease(service, version)] as const);
      const expected = services.map(
        (service) =>
          [
            service.name,
            expectedTags(
              service,
              meant.image.apply(
                tagsOf(printed, service),
                tagsOf(images, service).map((tag) => tag.replace("VERSION", version)),
              ),
              version,
            ),
          ] as const,
      );
      expect(Object.fromEntries(tags), `${version}\n${show(definition)}`).toEqual(Object.fromEntries(expected));
    }
  });
});

type Printed = Readonly<Record<string, unknown>>;

/** The targets that bake prints; a text: why it does not. */
async function printBake(
  root: string,
  { bakeFiles, targets, env }: Definition,
  more: Record<string, string>,
): Promise<Printed | string> {
  const files = bakeFiles.flatMap((path) => ["--file", path]);
  const result = await run("docker", ["buildx", "bake", ...files, "--print", ...targets], {
    cwd: root,
    env: { ...process.env, ...bake?.env, ...env, ...more },
  });
  if (result.exitCode !== 0) return `ended with ${result.exitCode}: ${result.stderr}`;
  const value: unknown = JSON.parse(result.stdout);
  return mapOf(mapOf(value)["target"]);
}

async function readServices(root: string, kind: string, definition: Definition): Promise<readonly Service[] | string> {
  writeFileSync(
    join(root, "slipway.yaml"),
    `from: ${kind === "bake" ? "bake" : `[${definition.bakeFiles.join(", ")}]`}\nallow: { network: host }\n`,
  );
  const host = makeNodeHost({ env: { ...process.env, ...bake?.env, ...definition.env }, cwd: root });
  const tracked = [...Object.keys(definition.files), "slipway.yaml"].sort();
  const read = async (path: string): Promise<Uint8Array | undefined> =>
    tracked.includes(path) ? readFileSync(join(root, path)) : undefined;
  const files = { tracked, read, isLink: () => false, remote: "https://github.com/acme/shop.git" };
  try {
    const { services } = await discover(host, { root, files });
    return services.filter(({ tags }) => tags.version.length > 0);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function sorted(images: readonly (readonly [string, Image])[]): Record<string, Image> {
  return Object.fromEntries([...images].sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** Every tag of an image at a release as bake prints them, with the differences that are meant. */
function expectedTags(service: Service, printed: readonly string[], version: string): readonly string[] {
  const tags = printed.map((tag) => meant.untagged.apply(meant.literal.apply(tag, version)));
  const given = [...new Set(meant.prerelease.apply(tags, version))].sort();
  return meant.unversioned.apply(given, version, tagsAtRelease(service, version));
}

function tagsOf(printed: Printed | string, service: Service): string[] {
  return typeof printed === "string" ? [] : textList(mapOf(printed[service.name])["tags"]);
}

/** A Compose file whose builds have no tags: bake prints `image:` of these. */
function withoutTags(text: string): string {
  return text.replaceAll(/, tags: \[[^\]]*\]/g, "");
}

function writeFiles(name: string, files: Readonly<Record<string, string>>): string {
  const root = join(folder, name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

function mapValues(map: Readonly<Record<string, string>>, change: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));
}

function show({ files, env }: Definition): string {
  const texts = Object.entries(files).filter(([path]) => /compose|common|\.env|bake/.test(path));
  return [JSON.stringify(env), ...texts.map(([path, text]) => `--- ${path}\n${text}`)].join("\n");
}
