import { mkdirSync, writeFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeShop, openShop, shopServices } from "../sandbox/index.ts";
import { mustRun } from "../sandbox/processes.ts";

/** Change since the release of everything. */
export const changes = ["nothing changed", "one changed", "all changed"] as const;
export type Change = (typeof changes)[number];

/** A repository as one release finds it, and as the next one does, for each change. */
export interface BenchRepository {
  readonly services: readonly BenchService[];
  /** The service that is changed by "one changed"; nothing else needs it. */
  readonly one: string;
  readonly before: string;
  readonly after: Readonly<Record<Change, string>>;
}

export interface BenchService {
  readonly name: string;
  /** Without a tag. */
  readonly image: string;
  readonly needs: readonly string[];
  /** Arguments of `docker buildx build`, run in the repository's folder. */
  readonly buildArguments: readonly string[];
}

/** The example repository. "Nothing changed": a commit that no image sees. */
export async function makeShopRepository(folder: string, registry: string): Promise<BenchRepository> {
  const before = join(folder, "shop");
  const shop = await makeShop(before, { registry });
  const change = async (
    name: string,
    edit: (shop: ReturnType<typeof openShop>) => Promise<unknown>,
  ): Promise<string> => {
    const copy = await copyOf(before, join(folder, name));
    await edit(openShop(copy, { registry }));
    return copy;
  };
  return {
    one: "api",
    before,
    services: shopServices.map((name) => ({
      name,
      image: shop.image(name),
      needs: name === "web" ? ["gateway"] : [],
      buildArguments: shop.buildArguments(name),
    })),
    after: {
      "nothing changed": await change("shop-none", (copy) => copy.changeDocs()),
      "one changed": await change("shop-one", (copy) => copy.changeService("api")),
      "all changed": await change("shop-all", async (copy) => {
        for (const service of shopServices) await copy.changeService(service);
      }),
    },
  };
}

/** Many small services, each with two stages and a folder they all copy. */
export async function makeManyRepository(folder: string, registry: string, count: number): Promise<BenchRepository> {
  const names = Array.from({ length: count }, (_, index) => `s${String(index + 1).padStart(2, "0")}`);
  const one = names[Math.floor(count / 2)] ?? "s01";
  const before = join(folder, "many");
  write(before, {
    "slipway.yaml": renderConfiguration(names, registry),
    ".dockerignore": "**/*.md\n",
    "README.md": "Many small services.\n",
    ...Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`shared/part-${at}.txt`, `part ${at}\n`.repeat(200)])),
    ...Object.fromEntries(names.flatMap((name) => Object.entries(serviceFiles(name)))),
  });
  await git(before, "init", "--quiet", "--initial-branch=main");
  await commit(before);
  const change = async (name: string, files: Readonly<Record<string, string>>): Promise<string> => {
    const copy = await copyOf(before, join(folder, name));
    write(copy, files);
    await commit(copy);
    return copy;
  };
  return {
    one,
    before,
    services: names.map((name) => ({
      name,
      image: `${registry}/many/${name}`,
      needs: [],
      buildArguments: ["--file", `services/${name}/Dockerfile`, "."],
    })),
    after: {
      "nothing changed": await change("many-none", { "README.md": "Many small services, still.\n" }),
      "one changed": await change("many-one", { [`services/${one}/src/data.txt`]: "changed\n" }),
      "all changed": await change("many-all", { "shared/part-0.txt": "changed\n" }),
    },
  };
}

function serviceFiles(name: string): Record<string, string> {
  const dockerfile = [
    "FROM busybox:1 AS build",
    "WORKDIR /src",
    `COPY services/${name}/src/ own/`,
    "RUN cat own/* > own.txt && sha256sum own.txt > own.sum",
    "COPY shared/ shared/",
    "RUN mkdir /out && cat own.txt shared/* > /out/all.txt && sha256sum /out/all.txt > /out/all.sum",
    "FROM alpine:3",
    "WORKDIR /srv",
    "COPY --from=build /out/ ./",
    'CMD ["cat", "all.txt"]',
  ];
  const data = Object.fromEntries(
    Array.from({ length: 8 }, (_, at) => [`services/${name}/src/file-${at}.txt`, `${name} ${at}\n`.repeat(100)]),
  );
  return {
    [`services/${name}/Dockerfile`]: `${dockerfile.join("\n")}\n`,
    [`services/${name}/src/data.txt`]: `${name}\n`,
    ...data,
  };
}

function renderConfiguration(names: readonly string[], registry: string): string {
  const services = names.map((name) => `  ${name}:\n    context: .\n    dockerfile: services/${name}/Dockerfile\n`);
  return `images: "${registry}/many/{service}"\nreleases: "${registry}/many/releases"\nservices:\n${services.join("")}`;
}

/** Files for planning alone: services that copy their own folder, beside many files; no builds. */
export async function makePlanningRepository(folder: string, services: number, files: number): Promise<void> {
  const each = Math.floor(files / services);
  const names = Array.from({ length: services }, (_, index) => `s${String(index + 1).padStart(3, "0")}`);
  const list = names.map((name) => `  ${name}:\n    context: .\n    dockerfile: services/${name}/Dockerfile\n`);
  write(folder, {
    "slipway.yaml": `images: "registry.example.com/many/{service}"\nservices:\n${list.join("")}`,
    ".dockerignore": "**/*.md\n**/node_modules\n.git\n",
  });
  for (const name of names) {
    const dockerfile = `FROM node:24-slim AS build\nWORKDIR /app\nCOPY services/${name}/ ./\nRUN node build.js\nFROM node:24-slim\nCOPY --from=build /app /app\n`;
    const own = Array.from({ length: each - 1 }, (_, at) => [
      `services/${name}/src/part-${Math.floor(at / 20)}/file-${at}.js`,
      `export const name = "${name} ${at}";\n`,
    ]);
    write(folder, { [`services/${name}/Dockerfile`]: dockerfile, ...Object.fromEntries(own) });
  }
  await git(folder, "init", "--quiet", "--initial-branch=main");
  await commit(folder);
}

function write(folder: string, files: Readonly<Record<string, string>>): void {
  const made = new Set<string>();
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    const parent = dirname(file);
    if (!made.has(parent)) mkdirSync(parent, { recursive: true });
    made.add(parent);
    writeFileSync(file, content);
  }
}

async function copyOf(from: string, to: string): Promise<string> {
  await cp(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  return to;
}

async function commit(folder: string): Promise<void> {
  const identity = ["-c", "user.name=Bench", "-c", "user.email=bench@example.test", "-c", "commit.gpgsign=false"];
  // So that git's housekeeping does not run beside what is measured.
  await git(folder, "config", "gc.auto", "0");
  await git(folder, "config", "maintenance.auto", "false");
  await git(folder, "add", "--all");
  await git(folder, ...identity, "commit", "--quiet", "--message", "State");
  // So that the index knows how all files look, and none has to be read again.
  await git(folder, "update-index", "--refresh");
}

async function git(folder: string, ...args: string[]): Promise<void> {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
  await mustRun(`git ${args[0] ?? ""}`, "git", args, { cwd: folder, env });
}
