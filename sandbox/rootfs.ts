import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  chmodSync,
  lstatSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { mustRun } from "./processes.ts";

/** Writes files into a root file system; a path that ends in `/` makes a folder. */
export function writeTree(root: string, files: Readonly<Record<string, string>>, mode = 0o644): void {
  for (const [path, content] of Object.entries(files)) {
    const file = join(root, path);
    mkdirSync(path.endsWith("/") ? file : dirname(file), { recursive: true });
    if (path.endsWith("/")) continue;
    writeFileSync(file, content);
    chmodSync(file, mode);
  }
}

/** `/bin`, `/sbin`, `/lib` and `/lib64` as links into `/usr`, as Debian has them; what packages put there is moved. */
export async function mergeUsr(root: string): Promise<void> {
  for (const name of ["bin", "sbin", "lib", "lib64"]) {
    const [top, target] = [join(root, name), join(root, "usr", name)];
    mkdirSync(target, { recursive: true });
    if (isThere(top) && !lstatSync(top).isSymbolicLink()) {
      await mustRun("merging /usr", "cp", ["-a", `${top}/.`, target]);
      rmSync(top, { recursive: true });
    }
    if (!isThere(top)) symlinkSync(`usr/${name}`, top);
  }
}

/** Copies unpacked packages without what nobody runs. */
export async function copyPackages(from: string, to: string): Promise<void> {
  mkdirSync(to, { recursive: true });
  await mustRun("copying packages", "cp", ["-a", `${from}/.`, to]);
  for (const path of ["doc", "man", "locale", "lintian", "bug", "info", "zsh", "bash-completion"]) {
    rmSync(join(to, "usr/share", path), { recursive: true, force: true });
  }
}

/** busybox and a link for each of its commands that is not there yet. */
export async function addBusybox(root: string, busybox: string): Promise<void> {
  const binaries = join(root, "usr/bin");
  mkdirSync(binaries, { recursive: true });
  cpSync(busybox, join(binaries, "busybox"));
  const commands = (await mustRun("listing busybox's commands", busybox, ["--list"])).trim().split("\n");
  for (const command of commands) {
    if (!isThere(join(binaries, command))) symlinkSync("busybox", join(binaries, command));
  }
}

/** The system's certificates in the one file that programs look for. */
export function bundleCertificates(root: string): void {
  const folder = join(root, "usr/share/ca-certificates/mozilla");
  const names = readdirSync(folder).filter((name) => name.endsWith(".crt"));
  const bundle = names.sort().map((name) => readFileSync(join(folder, name), "utf8"));
  writeTree(root, { "etc/ssl/certs/ca-certificates.crt": bundle.join("") });
}

/** The files every image has. */
export function addEtc(root: string, users: Readonly<Record<string, number>> = {}): void {
  const people = Object.entries(users);
  const shell = "/bin/sh";
  writeTree(root, {
    "etc/passwd":
      [
        `root:x:0:0:root:/root:${shell}`,
        "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin",
        ...people.map(([name, id]) => `${name}:x:${id}:${id}::/home/${name}:${shell}`),
      ].join("\n") + "\n",
    "etc/group": ["root:x:0:", "nogroup:x:65534:", ...people.map(([name, id]) => `${name}:x:${id}:`)].join("\n") + "\n",
    "etc/nsswitch.conf": "hosts: files dns\n",
    "root/": "",
    "run/": "",
    "var/": "",
    "usr/local/bin/": "",
  });
  writeTree(root, { "usr/sbin/adduser": addUserScript, "usr/sbin/addgroup": addGroupScript }, 0o755);
  for (const [name, target] of Object.entries({ useradd: "adduser", groupadd: "addgroup" })) {
    symlinkSync(target, join(root, "usr/sbin", name));
  }
  mkdirSync(join(root, "tmp"), { recursive: true });
  chmodSync(join(root, "tmp"), 0o1777);
}

/** Debian's busybox has no adduser. This one takes the options that Dockerfiles use, of busybox's and of Debian's. */
const addUserScript = `#!/bin/sh
set -e
id= group= home= shell=/bin/sh make=yes
while [ $# -gt 0 ]; do
  case "$1" in
    -u|--uid) id=$2; shift ;;
    -G|-g|--gid|--ingroup) group=$2; shift ;;
    -h|-d|--home|--home-dir) home=$2; shift ;;
    -s|--shell) shell=$2; shift ;;
    --gecos|-c|--comment) shift ;;
    -H|-M|--no-create-home) make= ;;
    -*) ;;
    *) name=$1 ;;
  esac
  shift
done
if grep -q "^$name:" /etc/passwd; then echo "adduser: user '$name' in use" >&2; exit 1; fi
id=\${id:-$(awk -F: '$3 >= 1000 && $3 < 60000 && $3 > m { m = $3 } END { print (m ? m : 999) + 1 }' /etc/passwd)}
home=\${home:-/home/$name}
if [ -z "$group" ]; then group=$name; addgroup -g "$id" "$name"; fi
gid=$(awk -F: -v g="$group" '$1 == g || $3 == g { print $3; exit }' /etc/group)
echo "$name:x:$id:$gid::$home:$shell" >> /etc/passwd
if [ -n "$make" ]; then mkdir -p "$home"; chown "$id:$gid" "$home"; fi
`;

const addGroupScript = `#!/bin/sh
set -e
id=
while [ $# -gt 0 ]; do
  case "$1" in
    -g|--gid) id=$2; shift ;;
    -*) ;;
    *) name=$1 ;;
  esac
  shift
done
if grep -q "^$name:" /etc/group; then echo "addgroup: group '$name' in use" >&2; exit 1; fi
id=\${id:-$(awk -F: '$3 >= 1000 && $3 < 60000 && $3 > m { m = $3 } END { print (m ? m : 999) + 1 }' /etc/group)}
echo "$name:x:$id:" >> /etc/group
`;

/** The only entry of a folder that matches; look-alikes take what the archive has. */
export function onlyEntry(folder: string, pattern: RegExp): string {
  const found = existsSync(folder) ? readdirSync(folder).filter((name) => pattern.test(name)) : [];
  const [first] = found.sort();
  if (first === undefined) throw new Error(`making a base image: nothing in ${folder} matches ${pattern.source}`);
  return first;
}

function isThere(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
