import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Case, CaseContext, Goal, Measured, Measurement, OpenCase } from "./case.ts";
import { type Ground, openGround } from "./ground.ts";
import type { FloorRelease, FloorService } from "./lookups.ts";
import { root, timed } from "./program.ts";
import { type BenchRepository, makeManyRepository, makeShopRepository } from "./repositories.ts";

const rows = ["4 services", "25 services"] as const;
type Row = (typeof rows)[number];
const columns = {
  slipway: "slipway release",
  start: "slipway --version",
  node: "node -e 0",
  one: "bare requests, one after another",
  many: "bare requests, 64 at once",
} as const;

/** What a release costs in which nothing changed, beside the requests that it must make. */
export const floorCase: Case = {
  name: "floor",
  title: "Nothing changed, beside the bare requests",
  about: "a release of 4 and of 25 unchanged services, and the same requests without Slipway",
  method: [
    "The floor makes the look-ups, tags and read-backs that such a release needs (its list is in `bench/lookups.ts`) with Node's `http` and kept connections, in a process of its own whose start is not timed; where one answer is needed for the next request it waits, otherwise it asks for 64 things at once, as Slipway does. It reads no repository, computes no fingerprint and checks no digest. Registry state is put back before every run.",
    "`slipway release` is the whole process on a checkout; `slipway --version` is what of it is the process's start.",
  ],
  goals: rows.map((row): Goal => ({
    text: `${row}: slipway release without the process's start / bare requests, 64 at once`,
    unit: "×",
    limit: 2,
    value: (medians) => {
      const [whole, start] = [medians.seconds(row, columns.slipway), medians.seconds(row, columns.start)];
      const floor = medians.seconds(row, columns.many);
      if (whole === undefined || start === undefined || floor === undefined) return undefined;
      return (whole - start) / floor;
    },
  })),
  opening: 120,
  open: openFloor,
};

async function openFloor(context: CaseContext): Promise<OpenCase> {
  const ground = await openGround(context);
  try {
    const repositories: readonly [Row, BenchRepository][] = [
      ["4 services", await makeShopRepository(ground.folder, ground.registry)],
      ["25 services", await makeManyRepository(ground.folder, ground.registry, 25)],
    ];
    const measurements: Measurement[] = [];
    for (const [row, repository] of repositories) {
      context.log(`releasing once: ${row}`);
      const scene = { ground, row, repository, signal: context.signal };
      await ground.restore(undefined);
      const file = await prepare(scene);
      await ground.save(row);
      measurements.push(...measurementsOf(scene, file).filter(context.only));
    }
    return { measurements, env: ground.env, close: () => ground.close() };
  } catch (error) {
    await ground.close();
    throw error;
  }
}

interface Scene {
  readonly ground: Ground;
  readonly row: Row;
  readonly repository: BenchRepository;
  readonly signal: AbortSignal;
}

function measurementsOf(scene: Scene, file: string): Measurement[] {
  const { ground, row, repository, signal } = scene;
  const { main } = ground.program;
  const spawn = (args: readonly string[], cwd = repository.after["nothing changed"]) =>
    timed(process.execPath, args, { cwd, env: ground.env, signal });
  const restored = async (): Promise<number> => {
    await ground.restore(row);
    await (await fetch(`http://${ground.registry}/v2/`)).text();
    return ground.requests();
  };
  const release = async (): Promise<Measured> => {
    const before = await restored();
    const { seconds } = await spawn([main, "release", "1.0.1"]);
    return { seconds, counts: { "requests to the registry": ground.requests() - before } };
  };
  const floor = (at: "1" | "64") => async (): Promise<Measured> => {
    const before = await restored();
    const { stdout } = await spawn([join(root, "bench/floor-child.ts"), file, at], root);
    const { seconds } = JSON.parse(stdout) as { seconds: number };
    return { seconds, counts: { "requests to the registry": ground.requests() - before } };
  };
  const only = (args: readonly string[]) => async (): Promise<Measured> => ({ seconds: (await spawn(args)).seconds });
  return [
    { row, column: columns.slipway, about: 2, measure: release },
    { row, column: columns.start, about: 0.1, measure: only([main, "--version"]) },
    { row, column: columns.node, about: 0.1, measure: only(["-e", "0"]) },
    { row, column: columns.one, about: 2, measure: floor("1") },
    { row, column: columns.many, about: 2, measure: floor("64") },
  ];
}

interface Released {
  readonly releases: readonly {
    readonly manifest: {
      readonly services: readonly {
        readonly service: string;
        readonly images: readonly string[];
        readonly digest: string;
        readonly platforms: readonly { readonly fingerprint: string }[];
        readonly tags: FloorService["tags"];
      }[];
    };
  }[];
}

/** Releases everything once, and writes down what the next release has to ask. Returns the file's name. */
async function prepare({ ground, repository, row, signal }: Scene): Promise<string> {
  const slipway = async (args: readonly string[], env: Readonly<Record<string, string>>): Promise<unknown> => {
    const options = { cwd: repository.before, env, signal };
    return JSON.parse((await timed(process.execPath, [ground.program.main, ...args, "--json"], options)).stdout);
  };
  const released = (await ground.withRunner((runner) => slipway(["release", "1.0.0"], runner))) as Released;
  const references = new Set<string>();
  for (const { name } of repository.services) {
    const { bases } = (await slipway(["inputs", name], ground.env)) as { bases: { reference: string }[] };
    for (const { reference } of bases) references.add(reference);
  }
  const mirror = (ground.env["SLIPWAY_REGISTRY_MIRRORS"] ?? "").split("=")[1] ?? "";
  const services = released.releases.flatMap(({ manifest }) => manifest.services);
  const first = services[0]?.images[0] ?? "";
  const release: FloorRelease = {
    releases: urlOf(`${first.slice(0, first.lastIndexOf("/"))}/releases`),
    previous: "1.0.0",
    version: "1.0.1",
    bases: [...references].map((reference) => {
      const [name = "", tag = "latest"] = reference.split(":");
      return { repository: `${mirror}/v2/library/${name}`, tag };
    }),
    services: await Promise.all(services.map((service) => describe(service, repository))),
  };
  const file = join(ground.folder, `floor-${services.length}.json`);
  writeFileSync(file, JSON.stringify(release, replaceBytes));
  if (services.length === 0) throw new Error(`${row}: nothing was released`);
  return file;
}

async function describe(
  { service, images, digest, platforms, tags }: Released["releases"][number]["manifest"]["services"][number],
  { services }: BenchRepository,
): Promise<FloorService> {
  const repository = urlOf(images[0] ?? "");
  const response = await fetch(`${repository}/manifests/${digest}`, {
    headers: { accept: "application/vnd.oci.image.index.v1+json" },
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  return {
    repository,
    fingerprintTags: platforms.map(({ fingerprint }) => `fp-${fingerprint.slice("sha256:".length).slice(0, 32)}`),
    tags: { version: tags.version.map((tag) => tag.replace("1.0.0", "1.0.1")), moving: tags.moving },
    index: { digest, type: response.headers.get("content-type") ?? "", bytes },
    isNeeded: services.some(({ needs }) => needs.includes(service)),
    needs: services.some(({ name, needs }) => name === service && needs.length > 0),
  };
}

function urlOf(image: string): string {
  const slash = image.indexOf("/");
  return `http://${image.slice(0, slash)}/v2/${image.slice(slash + 1)}`;
}

function replaceBytes(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? { base64: Buffer.from(value).toString("base64") } : value;
}
