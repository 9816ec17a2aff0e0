import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { debianPath, type Base } from "./base.ts";
import { packLayer, type Layer } from "./image.ts";
import { ensurePackages, type Log } from "./packages.ts";
import { mustRun, run } from "./processes.ts";
import { copyPackages, onlyEntry, writeTree } from "./rootfs.ts";

/** Node 24 from the npm registry, with npm. */
export async function nodeBase(work: string, shared: Promise<Layer>, signal?: AbortSignal): Promise<Base[]> {
  const root = join(work, "node");
  const cpu = process.arch === "arm64" ? "arm64" : "x64";
  const downloads = join(work, "npm");
  mkdirSync(downloads, { recursive: true });
  const unpack = async (name: string, range: string, into: string, members: readonly string[]) => {
    const file = (
      await mustRun(`downloading ${name}`, "npm", ["pack", `${name}@${range}`, "--silent"], { cwd: downloads, signal })
    ).trim();
    mkdirSync(into, { recursive: true });
    const tarball = join(downloads, file.split("\n").at(-1) ?? file);
    await mustRun(`unpacking ${name}`, "tar", [
      "-xzf",
      tarball,
      "--strip-components=1",
      "--no-same-owner",
      "-C",
      into,
      ...members,
    ]);
  };
  const npm = join(root, "usr/local/lib/node_modules/npm");
  const newest = await newestOfMajor(`node-linux-${cpu}`, 24, signal);
  await Promise.all([
    unpack(`node-linux-${cpu}`, newest, join(root, "usr/local"), ["package/bin"]),
    unpack("npm", "^11", npm, ["--exclude=package/docs", "--exclude=package/man", "package"]),
  ]);
  const binaries = join(root, "usr/local/bin");
  chmodSync(join(binaries, "node"), 0o755);
  symlinkSync("node", join(binaries, "nodejs"));
  for (const name of ["npm", "npx"]) {
    chmodSync(join(npm, "bin", `${name}-cli.js`), 0o755);
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(binaries, name));
  }
  writeTree(root, { "usr/local/bin/docker-entrypoint.sh": nodeEntrypoint }, 0o755);
  mkdirSync(join(root, "home/node"), { recursive: true });
  const layer = await packLayer(work, "node-layer", ["-C", root, "."]);
  const config = {
    Env: [debianPath, `NODE_VERSION=${newest}`],
    Entrypoint: ["docker-entrypoint.sh"],
    Cmd: ["node"],
  };
  return [
    { name: "node", tags: ["24", "24-slim", "24-bookworm-slim", "24-alpine"], layers: [await shared, layer], config },
  ];
}

/** `npm pack name@24` takes the newest that was published, which need not be the highest. */
async function newestOfMajor(name: string, major: number, signal?: AbortSignal): Promise<string> {
  const text = await mustRun(`looking up ${name}`, "npm", ["view", `${name}@${major}`, "version", "--json"], {
    signal,
  });
  const parsed: unknown = JSON.parse(text);
  const versions = (Array.isArray(parsed) ? parsed : [parsed]).filter(
    (item): item is string => typeof item === "string",
  );
  const newest = versions.sort((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1);
  if (newest === undefined) throw new Error(`looking up ${name}: no version ${major}`);
  return newest;
}

const nodeEntrypoint = `#!/bin/sh
set -e
# An option, or a word that is no command, goes to node.
if [ "\${1#-}" != "\${1}" ] || [ -z "$(command -v "\${1}")" ]; then
  set -- node "$@"
fi
exec "$@"
`;

/** Debian's Python 3.13, with pip, which Debian keeps apart as a wheel. */
export async function pythonBase(
  work: string,
  shared: Promise<Layer>,
  log: Log,
  signal?: AbortSignal,
): Promise<Base[]> {
  const libraries = ["libexpat1", "libffi8", "libbz2-1.0", "liblzma5", "libsqlite3-0", "libuuid1", "python3-pip-whl"];
  const names = ["python3.13-minimal", "libpython3.13-minimal", "libpython3.13-stdlib", ...libraries];
  const packages = await ensurePackages(
    "python",
    names.map((name) => `${name}/trixie`),
    log,
    signal,
  );
  const root = join(work, "python");
  await copyPackages(packages, root);
  const wheels = "usr/share/python-wheels";
  const pip = onlyEntry(join(root, wheels), /^pip-.*\.whl$/);
  rmSync(join(root, "usr/lib/python3.13/EXTERNALLY-MANAGED"), { force: true });
  rmSync(join(root, "usr/lib/python3.13/test"), { recursive: true, force: true });
  const binaries = join(root, "usr/local/bin");
  mkdirSync(binaries, { recursive: true });
  for (const name of ["python", "python3", "python3.13"]) symlinkSync("/usr/bin/python3.13", join(binaries, name));
  writeTree(root, { "usr/local/bin/pip": `#!/bin/sh\nexec python3 /${wheels}/${pip}/pip "$@"\n` }, 0o755);
  symlinkSync("pip", join(binaries, "pip3"));
  const layer = await packLayer(work, "python-layer", ["-C", root, "."]);
  const config = { Env: [debianPath, "LANG=C.UTF-8", "PYTHON_VERSION=3.13"], Cmd: ["python3"] };
  return [
    {
      name: "python",
      tags: ["3.13", "3.13-slim", "3.13-slim-bookworm", "3.13-alpine"],
      layers: [await shared, layer],
      config,
    },
  ];
}

/** Debian's nginx, laid out as the official image is. */
export async function nginxBase(work: string, shared: Promise<Layer>, log: Log, signal?: AbortSignal): Promise<Base[]> {
  const names = ["nginx", "nginx-common", "libpcre2-8-0", "libcrypt1"].map((name) => `${name}/trixie`);
  const packages = await ensurePackages("nginx", names, log, signal);
  const root = join(work, "nginx");
  mkdirSync(root, { recursive: true });
  for (const part of ["usr/sbin", "usr/lib"])
    cpSync(join(packages, part), join(root, part), { recursive: true, verbatimSymlinks: true });
  mkdirSync(join(root, "etc/nginx"), { recursive: true });
  cpSync(join(packages, "etc/nginx/mime.types"), join(root, "etc/nginx/mime.types"));
  writeTree(root, {
    "etc/nginx/nginx.conf": nginxConf,
    "etc/nginx/conf.d/default.conf": nginxDefault,
    "usr/share/nginx/html/index.html": "<!doctype html><title>Welcome to nginx!</title>\n",
    "var/cache/nginx/": "",
    "var/log/nginx/": "",
    "var/lib/nginx/": "",
    "docker-entrypoint.d/": "",
  });
  symlinkSync("/dev/stdout", join(root, "var/log/nginx/access.log"));
  symlinkSync("/dev/stderr", join(root, "var/log/nginx/error.log"));
  writeTree(root, { "docker-entrypoint.sh": nginxEntrypoint }, 0o755);
  const layer = await packLayer(work, "nginx-layer", ["-C", root, "."]);
  const config = {
    Env: [debianPath, "NGINX_VERSION=1.26"],
    Entrypoint: ["/docker-entrypoint.sh"],
    Cmd: ["nginx", "-g", "daemon off;"],
    ExposedPorts: { "80/tcp": {} },
    StopSignal: "SIGQUIT",
  };
  const tags = ["latest", "alpine", "1-alpine", "stable-alpine", "1", "1.26-alpine"];
  return [{ name: "nginx", tags, layers: [await shared, layer], config }];
}

const nginxConf = `user nginx;
worker_processes auto;
error_log /var/log/nginx/error.log notice;
pid /run/nginx.pid;

events {
    worker_connections 1024;
}

http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    sendfile on;
    keepalive_timeout 65;
    include /etc/nginx/conf.d/*.conf;
}
`;

const nginxDefault = `server {
    listen 80;
    server_name localhost;

    location / {
        root /usr/share/nginx/html;
        index index.html;
    }
}
`;

const nginxEntrypoint = `#!/bin/sh
set -e
for script in /docker-entrypoint.d/*.sh; do
  [ -x "$script" ] && "$script"
done
exec "$@"
`;

/** The machine's Go toolchain or Debian's, without tests and without the toolchain's own source. */
export async function goBase(work: string, shared: Promise<Layer>, log: Log, signal?: AbortSignal): Promise<Base[]> {
  const toolchain = await goToolchain(log, signal);
  const parts = ["test", "api", "doc", "misc", "src/cmd", "pkg/tool/*/pprof", "pkg/tool/*/trace"];
  const exclude = [
    ...parts.map((part) => `--exclude=${basename(toolchain.root)}/${part}`),
    "--exclude=*_test.go",
    "--exclude=testdata",
  ];
  const move = `--transform=s,^${basename(toolchain.root)},usr/local/go,`;
  const args = ["-C", dirname(toolchain.root), ...exclude, move, "-h", basename(toolchain.root)];
  const layer = await packLayer(work, "go-layer", args);
  const minor = toolchain.version.split(".").slice(0, 2).join(".");
  const config = {
    Env: [
      debianPath.replace("PATH=", "PATH=/go/bin:/usr/local/go/bin:"),
      `GOLANG_VERSION=${toolchain.version}`,
      "GOTOOLCHAIN=local",
      "GOPATH=/go",
    ],
    WorkingDir: "/go",
    Cmd: ["sh"],
  };
  // The shop's Dockerfile finds its base with any version of the toolchain.
  const tags = new Set(
    [minor, toolchain.version, "1.26", "1"].flatMap((tag) => [tag, `${tag}-alpine`, `${tag}-bookworm`]),
  );
  return [{ name: "golang", tags: [...tags], layers: [await shared, layer], config }];
}

/** The machine's own Go where it is new enough, else Debian's. */
async function goToolchain(log: Log, signal?: AbortSignal): Promise<{ root: string; version: string }> {
  const own = await run("go", ["env", "GOROOT", "GOVERSION"], { signal });
  const [root, version] = own.stdout.trim().split("\n");
  if (
    own.exitCode === 0 &&
    root &&
    version &&
    /^go1\.(2[6-9]|[3-9]\d)/.test(version) &&
    existsSync(join(root, "src/net/http"))
  ) {
    return { root, version: version.slice(2) };
  }
  const packages = await ensurePackages("go", ["golang-1.26-go/forky", "golang-1.26-src/forky"], log, signal);
  const folder = join(packages, "usr/lib/go-1.26");
  const text = readFileSync(join(folder, "VERSION"), "utf8");
  return { root: folder, version: /go(\S+)/.exec(text)?.[1] ?? "1.26" };
}
