import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { mustRun, run } from "./processes.ts";
import { shortHash, stateFolder, withLock } from "./state.ts";
import { SandboxUnavailable } from "./unavailable.ts";

/**
 * Engine, registry and second opinions, from Debian's package archive into a folder of their own: nothing on the
 * machine is installed or changed. `runc` and `skopeo` are older than the rest because newer ones ask for a newer C
 * library; skopeo comes with the libraries that a small machine lacks. `tini-static` is what dockerd calls docker-init.
 */
const toolPackages = [
  "docker.io/forky",
  "docker-cli/forky",
  "docker-buildx/forky",
  "containerd/forky",
  "docker-registry/forky",
  "crane/forky",
  "cosign/forky",
  "busybox-static/forky",
  "tini-static/forky",
  "runc/bookworm",
  "skopeo/bookworm",
  "libgpgme11/bookworm",
  "libassuan0/bookworm",
  "libgpg-error0/bookworm",
  "libdevmapper1.02.1/bookworm",
] as const;

const suites = ["bookworm", "trixie", "forky"] as const;
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

export type Log = (line: string) => void;

/** Reason why packages cannot be installed on this machine; undefined: they can. */
export function whyNoPackages(): string | undefined {
  if (process.env["SLIPWAY_SANDBOX_ENGINE"] === "docker") return "SLIPWAY_SANDBOX_ENGINE is docker";
  if (process.getuid?.() !== 0) return "this is not root";
  const release = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  if (!/^ID=debian$/m.test(release)) return "this is not Debian";
  for (const needed of ["/usr/bin/apt-get", "/usr/bin/dpkg", keyring]) {
    if (!existsSync(needed)) return `${needed} is missing`;
  }
  return undefined;
}

/** Search path in front of the machine's own, for the tools of {@link ensureTools}. */
export function toolPath(root: string): string {
  const folders = ["usr/local/bin", "usr/sbin", "usr/bin"].map((folder) => join(root, folder));
  return [...folders, process.env["PATH"] ?? ""].join(":");
}

/** Makes sure the tools are unpacked; returns the folder that holds their `usr`. */
export async function ensureTools(log: Log, signal?: AbortSignal): Promise<string> {
  const root = await ensurePackages("tools", toolPackages, log, signal);
  writeSkopeo(root);
  return root;
}

/** In front of the unpacked program: it finds its libraries, and needs no policy file on the machine. */
function writeSkopeo(root: string): void {
  const libraries = readdirSync(join(root, "usr/lib")).filter((name) => name.endsWith("-linux-gnu"));
  const places = ["usr/lib", "lib"].flatMap((folder) => libraries.map((name) => join(root, folder, name)));
  const program = join(root, "usr/bin/skopeo");
  const script = `#!/bin/sh\nLD_LIBRARY_PATH='${places.join(":")}' exec '${program}' --insecure-policy "$@"\n`;
  const wrapper = join(root, "usr/local/bin/skopeo");
  if (existsSync(wrapper) && readFileSync(wrapper, "utf8") === script) return;
  mkdirSync(dirname(wrapper), { recursive: true });
  writeFileSync(`${wrapper}.${process.pid}`, script, { mode: 0o755 });
  renameSync(`${wrapper}.${process.pid}`, wrapper);
}

/** Where {@link ensureTools} has unpacked them, if it ever has. */
export function toolsThere(): string {
  return join(packageFolder("tools", toolPackages), "root");
}

/** Downloads packages (`name/suite`) and unpacks them into one folder, once; later calls only look. */
export async function ensurePackages(
  group: string,
  packages: readonly string[],
  log: Log,
  signal?: AbortSignal,
): Promise<string> {
  const missing = whyNoPackages();
  if (missing !== undefined) {
    throw new SandboxUnavailable(
      `Debian packages are needed and cannot be had here: ${missing}. Run as root on Debian 12 or newer, or start Docker.`,
    );
  }
  const folder = packageFolder(group, packages);
  const stamp = join(folder, "complete");
  const root = join(folder, "root");
  if (existsSync(stamp)) return root;
  return withLock(
    `packages-${group}`,
    async () => {
      if (existsSync(stamp)) return root;
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(root, { recursive: true });
      await withLock("apt", () => updateLists(log, signal), signal);
      log(`downloading ${packages.length} Debian packages (${group})`);
      await download(join(folder, "debs"), packages, signal);
      await unpack(join(folder, "debs"), root, signal);
      rmSync(join(folder, "debs"), { recursive: true, force: true });
      writeFileSync(stamp, "");
      return root;
    },
    signal,
  );
}

function packageFolder(group: string, packages: readonly string[]): string {
  return join(stateFolder(), "packages", `${group}-${shortHash(packages.join("\n"))}`);
}

async function updateLists(log: Log, signal?: AbortSignal): Promise<void> {
  const folder = aptFolder();
  const stamp = join(folder, "updated");
  if (existsSync(stamp) && Date.now() - Number(readFileSync(stamp, "utf8")) < 3_600_000) return;
  mkdirSync(join(folder, "lists/partial"), { recursive: true });
  mkdirSync(join(folder, "cache/archives/partial"), { recursive: true });
  const archive = debianArchive();
  const lines = suites.map((suite) => `deb [signed-by=${keyring}] ${archive} ${suite} main\n`);
  writeFileSync(join(folder, "sources.list"), lines.join(""));
  log("reading Debian's package lists");
  await aptGet("reading Debian's package lists", ["update", "-qq"], folder, signal);
  writeFileSync(stamp, String(Date.now()));
}

async function download(folder: string, packages: readonly string[], signal?: AbortSignal): Promise<void> {
  // Two halves at once: apt-get downloads one package after another.
  const halves = [0, 1].map((half) => packages.filter((_, index) => index % 2 === half));
  await Promise.all(
    halves.map(async (names, index) => {
      const part = join(folder, String(index));
      mkdirSync(part, { recursive: true });
      if (names.length > 0) await aptGet("downloading Debian packages", ["download", "-qq", ...names], part, signal);
    }),
  );
}

async function unpack(folder: string, root: string, signal?: AbortSignal): Promise<void> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".deb"));
  await Promise.all(
    files.map((file) => mustRun(`unpacking ${file}`, "dpkg", ["-x", join(folder, file), root], { signal })),
  );
}

async function aptGet(doing: string, args: readonly string[], cwd: string, signal?: AbortSignal): Promise<void> {
  const folder = aptFolder();
  const settings = {
    "Dir::Etc::sourcelist": join(folder, "sources.list"),
    "Dir::Etc::sourceparts": "-",
    "Dir::State::Lists": join(folder, "lists"),
    "Dir::Cache": join(folder, "cache"),
    "APT::Sandbox::User": "root",
    "Acquire::Languages": "none",
    "Acquire::Retries": "3",
  };
  const options = Object.entries(settings).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
  const result = await run("apt-get", [...options, ...args], { cwd, signal });
  signal?.throwIfAborted();
  if (result.exitCode === 0) return;
  // The archive's address stays out of messages: it may be a private mirror.
  const archive = debianArchive();
  const last = result.stderr.trim().split("\n").slice(-3).join("\n").replaceAll(archive, "(Debian archive)");
  const host = URL.canParse(archive) ? new URL(archive).host : archive;
  throw new SandboxUnavailable(`${doing}: ${last.replaceAll(host, "(Debian archive)")}`);
}

function aptFolder(): string {
  return join(stateFolder(), "packages", "apt");
}

/** The archive the machine itself uses. */
function debianArchive(): string {
  const parts = "/etc/apt/sources.list.d";
  const listed = existsSync(parts) ? readdirSync(parts).map((name) => join(parts, name)) : [];
  const files = ["/etc/apt/sources.list", ...listed].filter(
    (file) => existsSync(file) && /list$|\.sources$/.test(file),
  );
  for (const file of files.sort()) {
    const text = readFileSync(file, "utf8").replaceAll(/^\s*#.*$/gm, "");
    const found = /\b(?:https?|mirror\+https?):\/\/\S*\/debian\/?(?=\s)/.exec(text);
    if (found) return found[0];
  }
  return "http://deb.debian.org/debian";
}
