// The Node that the project runs on, for a machine whose own is too old or of a line that is not supported.
// Plain JavaScript for Node 18 and later, without packages: it is loaded before anything is installed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

/** Packages of npm that hold a Node and run nothing when they are installed, with what npm says their bytes are. */
const pinned = {
  "linux-x64": {
    version: "24.21.0",
    integrity: "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
  },
  "linux-arm64": {
    version: "24.21.0",
    integrity: "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
  },
  "darwin-x64": {
    version: "24.18.1",
    integrity: "sha512-tCT5i2LaCG+9j7HXlF1ioPfVSbHRTp3MgWDknJ0ofG8V2eRDNEpqhC3y9DLmvUpTPYsSwHBSccIeB3yl92hTIQ==",
  },
};

/**
 * Whether a version fits a range of alternatives, each `^1.2.3` or `>=1` or `>=1.2.3`: the forms that `engines` is written in.
 * A pre-release counts as the version it precedes.
 */
export function fitsEngines(version, range) {
  const own = parts(version);
  return range.split("||").some((alternative) => {
    const [, operator, least] = /^\s*(\^|>=)\s*(\d+(?:\.\d+){0,2})\s*$/.exec(alternative) ?? [];
    if (least === undefined)
      throw new Error(`"${alternative.trim()}" is no range that is understood here: ^1.2.3 or >=1.2.3`);
    const wanted = parts(least);
    return isAtLeast(own, wanted) && (operator === ">=" || own[0] === wanted[0]);
  });
}

function parts(version) {
  const [major = 0, minor = 0, patch = 0] = version.split("-")[0].split(".").map(Number);
  return [major, minor, patch];
}

function isAtLeast(own, wanted) {
  const at = own.findIndex((part, index) => part !== wanted[index]);
  return at < 0 || own[at] > wanted[at];
}

/** The folder of a Node that fits, fetched below `.sandbox` once; throws where there is none for this machine. */
export function fetchNode(root) {
  const platform = `${process.platform}-${process.arch}`;
  const pin = pinned[platform];
  if (pin === undefined) {
    throw new Error(
      `there is no pinned Node for ${platform}: install one from https://nodejs.org and put it first in PATH`,
    );
  }
  const place = join(process.env.SLIPWAY_SANDBOX_DIR ?? join(root, ".sandbox"), `node-${pin.version}`);
  const folder = join(place, "package", "bin");
  if (existsSync(join(folder, "node"))) return folder;
  process.stderr.write(`fetching Node ${pin.version} (52 MB): this one is ${process.versions.node}\n`);
  mkdirSync(dirname(place), { recursive: true });
  const work = mkdtempSync(`${place}.`);
  try {
    const name = `node-${platform}@${pin.version}`;
    must("npm", ["pack", name, "--silent", "--pack-destination", work]);
    const archive = join(work, readdirSync(work).find((each) => each.endsWith(".tgz")) ?? "");
    const integrity = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
    if (integrity !== pin.integrity) throw new Error(`${name} is not what it was when it was pinned: ${integrity}`);
    must("tar", ["-xzf", archive, "-C", work, "package/bin/node", "package/LICENSE"]);
    rmSync(archive);
    renameSync(work, place);
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    // Another command may have put it there meanwhile.
    if (!existsSync(join(folder, "node"))) throw error;
  }
  return folder;
}

function must(program, args) {
  const { status, error, stderr } = spawnSync(program, args, { stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
  if (status === 0) return;
  throw new Error(`${program} ${args.slice(0, 2).join(" ")}: ${error?.message ?? stderr.trim()}`);
}
