import type { VisibleFile } from "./file-ledger.ts";

/** Files that a package manager left in a layer. */
export interface Leftovers {
  readonly manager: string;
  readonly layer: number;
  readonly bytes: number;
  readonly files: number;
  /** How the instruction avoids them. */
  readonly advice: string;
}

interface LeftoverRule {
  readonly manager: string;
  /** Folders from the root; `~` is a home folder. */
  readonly folders: readonly string[];
  readonly advice: string;
}

const rules: readonly LeftoverRule[] = [
  {
    manager: "apt",
    folders: ["var/lib/apt/lists", "var/cache/apt"],
    advice: "end the same RUN with `&& rm -rf /var/lib/apt/lists/* /var/cache/apt/*`",
  },
  { manager: "apk", folders: ["var/cache/apk", "etc/apk/cache"], advice: "install with `apk add --no-cache`" },
  {
    manager: "dnf",
    folders: ["var/cache/dnf", "var/cache/libdnf5", "var/cache/yum"],
    advice: "end the same RUN with `&& dnf clean all`",
  },
  { manager: "zypper", folders: ["var/cache/zypp"], advice: "end the same RUN with `&& zypper clean --all`" },
  { manager: "pip", folders: ["~/.cache/pip"], advice: "install with `pip install --no-cache-dir`" },
  { manager: "uv", folders: ["~/.cache/uv"], advice: "install with `uv --no-cache`, or mount a cache there" },
  { manager: "npm", folders: ["~/.npm/_cacache"], advice: "end the same RUN with `&& npm cache clean --force`" },
  {
    manager: "yarn",
    folders: ["~/.cache/yarn", "usr/local/share/.cache/yarn", "~/.yarn/berry/cache"],
    advice: "end the same RUN with `&& yarn cache clean`",
  },
  {
    manager: "pnpm",
    folders: ["~/.local/share/pnpm/store", "~/.cache/pnpm"],
    advice: "mount a cache there: `RUN --mount=type=cache,target=/root/.local/share/pnpm/store`",
  },
  {
    manager: "go",
    folders: ["~/.cache/go-build", "go/pkg/mod/cache", "~/go/pkg/mod/cache"],
    advice: "build in a stage of its own, and copy the program from there",
  },
  {
    manager: "cargo",
    folders: ["~/.cargo/registry", "usr/local/cargo/registry"],
    advice: "build in a stage of its own, and copy the program from there",
  },
  {
    manager: "Maven",
    folders: ["~/.m2/repository"],
    advice: "build in a stage of its own, or mount a cache there",
  },
  { manager: "Gradle", folders: ["~/.gradle/caches"], advice: "build in a stage of its own, or mount a cache there" },
  { manager: "Composer", folders: ["~/.composer/cache", "~/.cache/composer"], advice: "install with `--no-cache`" },
  {
    manager: "RubyGems",
    folders: ["~/.bundle/cache", "usr/local/bundle/cache"],
    advice: "end the same RUN with `&& rm -rf ~/.bundle/cache /usr/local/bundle/cache`",
  },
];

const managerOf: ReadonlyMap<string, LeftoverRule> = new Map(
  rules.flatMap((rule) => rule.folders.map((folder): [string, LeftoverRule] => [folder, rule])),
);

/** Number of folders in the longest rule. */
const deepest = 5;

/** Finds caches and lists that package managers left, by manager and layer; the most bytes first. */
export function findLeftovers(files: Iterable<VisibleFile>): Leftovers[] {
  const found = new Map<string, { rule: LeftoverRule; layer: number; bytes: number; files: number }>();
  for (const { path, size, layer } of files) {
    const rule = ruleFor(path);
    if (rule === undefined || size === 0) continue;
    const key = `${layer} ${rule.manager}`;
    const each = found.get(key) ?? { rule, layer, bytes: 0, files: 0 };
    each.bytes += size;
    each.files += 1;
    found.set(key, each);
  }
  return [...found.values()]
    .map(({ rule: { manager, advice }, layer, bytes, files: count }) => ({
      manager,
      layer,
      bytes,
      files: count,
      advice,
    }))
    .sort((left, right) => right.bytes - left.bytes);
}

function ruleFor(path: string): LeftoverRule | undefined {
  const parts = path.split("/");
  const home = parts[0] === "root" ? 1 : parts[0] === "home" ? 2 : 0;
  const shown = home === 0 ? parts : ["~", ...parts.slice(home)];
  for (let end = 2; end <= Math.min(deepest + 1, shown.length - 1); end += 1) {
    const rule = managerOf.get(shown.slice(0, end).join("/"));
    if (rule !== undefined) return rule;
  }
  return undefined;
}
