import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { mustRun } from "./processes.ts";

export const shopServices = ["api", "gateway", "web", "worker"] as const;
export type ShopService = (typeof shopServices)[number];

/** The example repository on disk, and the changes its history goes on with. Each change is one commit; its id is returned. */
export interface Shop {
  readonly folder: string;
  /** Where its images go: `REGISTRY/shop/SERVICE`. */
  image(service: ShopService): string;
  /** The commit that is checked out. */
  head(): Promise<string>;
  /** A change in a service's source: its image changes. */
  changeService(service: ShopService): Promise<string>;
  /** A change in `libs/events`, which api and worker copy. */
  changeLibrary(): Promise<string>;
  /** A change that no image sees. */
  changeDocs(): Promise<string>;
  /** A fault in a service's source: its build fails. */
  breakService(service: ShopService): Promise<string>;
  mendService(service: ShopService): Promise<string>;
  /** Any other change; a file with the content null is removed. */
  commit(message: string, files: Readonly<Record<string, string | null>>): Promise<string>;
  /** How a person builds one service by hand: arguments of `docker buildx build`, run in the folder. */
  buildArguments(service: ShopService): readonly string[];
}

/** Writes the repository into a new or empty folder, with its history. The same registry gives the same commit ids. */
export async function makeShop(folder: string, options: { readonly registry: string }): Promise<Shop> {
  if (existsSync(folder) && readdirSync(folder).length > 0) throw new Error(`writing the shop: ${folder} is not empty`);
  mkdirSync(folder, { recursive: true });
  await git(folder, ["init", "--quiet", "--initial-branch=main"]);
  for (const [key, value] of Object.entries(settings)) await git(folder, ["config", key, value]);
  for (const step of history) {
    for (const path of step.files) copyTemplate(path, folder, options.registry);
    step.edit?.(folder);
    await commitAll(folder, step.message);
  }
  return openShop(folder, options);
}

/** A shop that was written before. */
export function openShop(folder: string, options: { readonly registry: string }): Shop {
  const change = async (message: string, path: string, edit: (text: string) => string) => {
    writeFileSync(join(folder, path), edit(readFileSync(join(folder, path), "utf8")));
    return commitAll(folder, message);
  };
  return {
    folder,
    image: (service) => `${options.registry}/shop/${service}`,
    head: () => head(folder),
    changeService: (service) => change(`fix(${service}): ${nextFix(folder, service)}`, revisionFiles[service], bump),
    changeLibrary: () => change("feat(events): say more about orders", libraryRevision, bump),
    changeDocs: () =>
      change("docs: explain one thing more", "docs/running.md", (text) => `${text}\nIt stops on SIGTERM.\n`),
    breakService: (service) =>
      change(`feat(${service}): half of an idea`, revisionFiles[service], (text) => `${text}${fault}`),
    mendService: (service) =>
      change(`fix(${service}): finish the idea`, revisionFiles[service], (text) => bump(text.replaceAll(fault, ""))),
    commit: (message, files) => {
      for (const [path, content] of Object.entries(files)) writeOrRemove(join(folder, path), content);
      return commitAll(folder, message);
    },
    buildArguments: (service) => buildArguments(service, options.registry),
  };
}

const templates = join(dirname(fileURLToPath(import.meta.url)), "shop");
const settings = {
  "user.name": "Ada Chandler",
  "user.email": "ada@shop.example",
  "commit.gpgsign": "false",
  "core.autocrlf": "false",
};
const libraryRevision = "libs/events/revision.json";
const revisionFiles: Readonly<Record<ShopService, string>> = {
  api: "services/api/src/revision.js",
  gateway: "services/gateway/revision.go",
  web: "services/web/src/revision.js",
  worker: "services/worker/shop_worker/revision.py",
};

/** No JavaScript, no Go, no Python. */
const fault = ")( half an idea\n";

/** The scripted history: what each commit adds from the templates, or edits. Dot files lie there without their dot. */
const history: readonly { message: string; files: readonly string[]; edit?: (folder: string) => void }[] = [
  { message: "chore: begin the shop", files: ["README.md", "gitignore", "dockerignore"] },
  { message: "feat(events): say what an order is", files: ["libs/events"] },
  { message: "feat(api): sell products and take orders", files: ["services/api"] },
  { message: "feat(worker): count what was ordered", files: ["services/worker"] },
  { message: "feat(gateway): open one door for all", files: ["services/gateway"] },
  { message: "feat(web): show the products", files: ["services/web"] },
  { message: "docs: say how it runs", files: ["docs"] },
  { message: "fix(api): keep prices whole", files: [], edit: (folder) => edit(folder, revisionFiles.api, bump) },
  { message: "build: release the images with Slipway", files: ["slipway.yaml"] },
];

function copyTemplate(path: string, folder: string, registry: string): void {
  cpSync(join(templates, path), join(folder, path), { recursive: true });
  for (const name of ["gitignore", "dockerignore"]) {
    const found = [path, join(path, name)].find((each) => each.endsWith(name) && existsSync(join(folder, each)));
    if (found) renameSync(join(folder, found), join(folder, dirname(found), `.${name}`));
  }
  if (path === "slipway.yaml") edit(folder, path, (text) => text.replaceAll("REGISTRY", registry));
}

function edit(folder: string, path: string, change: (text: string) => string): void {
  writeFileSync(join(folder, path), change(readFileSync(join(folder, path), "utf8")));
}

function bump(text: string): string {
  return text.replace(/\d+/, (number) => String(Number(number) + 1));
}

function nextFix(folder: string, service: ShopService): string {
  const revision = /\d+/.exec(readFileSync(join(folder, revisionFiles[service]), "utf8"))?.[0] ?? "0";
  return `mend what revision ${revision} did`;
}

function writeOrRemove(file: string, content: string | null): void {
  if (content === null) return rmSync(file, { recursive: true, force: true });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** Dates follow from the number of commits: an hour apart, from a fixed day on. */
async function commitAll(folder: string, message: string): Promise<string> {
  await git(folder, ["add", "--all"]);
  const count = Number((await git(folder, ["rev-list", "--count", "--all"])).trim());
  const date = new Date(Date.UTC(2026, 8, 1, 9) + count * 3_600_000).toISOString();
  await git(folder, ["commit", "--quiet", "--message", message], { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date });
  return head(folder);
}

async function head(folder: string): Promise<string> {
  return (await git(folder, ["rev-parse", "HEAD"])).trim();
}

/** Git without the person's own settings, so that commit ids do not depend on them. */
async function git(folder: string, args: readonly string[], more: Record<string, string> = {}): Promise<string> {
  const outside = Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_"));
  const env = {
    ...Object.fromEntries(outside),
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    LC_ALL: "C",
    ...more,
  };
  return mustRun(`git ${args[0] ?? ""} in the shop`, "git", args, { cwd: folder, env });
}

function buildArguments(service: ShopService, registry: string): readonly string[] {
  const gateway = `gateway=docker-image://${registry}/shop/gateway:latest`;
  const siteArgs = ["--build-arg", "SITE_NAME=The Shop", "--build-arg", "API_BASE=/api"];
  const all: Readonly<Record<ShopService, readonly string[]>> = {
    api: ["--file", "services/api/Dockerfile", "--build-arg", "NODE_ENV=production", "."],
    worker: ["--file", "services/worker/Dockerfile", "."],
    gateway: ["--build-arg", "CHANNEL=stable", "services/gateway"],
    web: [...siteArgs, "--build-context", gateway, "services/web"],
  };
  return all[service];
}
