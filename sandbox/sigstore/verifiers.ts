import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureGh } from "../github/tools.ts";
import { ensureTools, type Log, toolPath, whyNoPackages } from "../packages.ts";
import { run } from "../processes.ts";
import { ensureSigstorePython } from "./tools.ts";

/** What a foreign verifier is to check. */
export interface ForeignQuestion {
  /** `HOST/NAME@sha256:…`, in a registry without TLS, where the bundle is attached to it. */
  readonly image: string;
  readonly digest: string;
  /** The bundle's JSON. */
  readonly bundle: string;
  readonly predicateType: string;
  /** Certificate subject: `https://github.com/OWNER/REPO/.github/workflows/FILE@REF`. */
  readonly signer: string;
  readonly issuer: string;
  /** `OWNER/REPO`. */
  readonly repository: string;
}

export interface ForeignAnswer {
  readonly accepted: boolean;
  /** What it printed. */
  readonly said: string;
}

/** A verifier that nobody here wrote. */
export interface ForeignVerifier {
  readonly name: "cosign" | "gh" | "gh from the registry" | "sigstore-python";
  check(question: ForeignQuestion): Promise<ForeignAnswer>;
  /** Runs a command line of the tool as a shell does, in the folder of `trusted_root.json`. Absent: it is asked by `check` alone. */
  readonly type?: (command: string) => Promise<ForeignAnswer>;
}

/** Roots that all of them read, as `Sigstore` has them. */
export interface ForeignRoots {
  readonly trustedRoot: string;
  readonly trustConfig: string;
}

/**
 * The foreign verifiers that can be had here, each with nothing of this machine's settings: without a network but the registry. `folder`: an
 * empty one, for their files.
 */
export async function makeForeignVerifiers(
  folder: string,
  roots: ForeignRoots,
  log: Log = () => undefined,
): Promise<readonly ForeignVerifier[]> {
  mkdirSync(folder, { recursive: true });
  const [root, config] = [join(folder, "trusted_root.json"), join(folder, "trust_config.json")];
  writeFileSync(root, `${roots.trustedRoot}\n`);
  writeFileSync(config, roots.trustConfig);
  const env = { HOME: folder, GH_CONFIG_DIR: folder, GH_TOKEN: "none", NO_PROXY: "127.0.0.1", HTTPS_PROXY: nowhere };
  const start = async (program: string, args: readonly string[], path: string | undefined = process.env["PATH"]) => {
    const done = await run(program, args, { cwd: folder, env: { ...env, PATH: path } });
    return { accepted: done.exitCode === 0, said: `${done.stdout}${done.stderr}` };
  };
  const asFile = (bundle: string): string => {
    const file = join(folder, "bundle.json");
    writeFileSync(file, bundle);
    return file;
  };
  const [gh, python] = await Promise.all([ensureGh(log), ensureSigstorePython(log)]);
  const tools = whyNoPackages() === undefined ? toolPath(await ensureTools(log)) : undefined;
  const ghVerify = (question: ForeignQuestion, more: readonly string[]): Promise<ForeignAnswer> =>
    start(gh ?? "gh", [
      "attestation",
      "verify",
      `oci://${question.image}`,
      "--repo",
      question.repository,
      "--cert-identity",
      question.signer,
      "--cert-oidc-issuer",
      question.issuer,
      "--predicate-type",
      question.predicateType,
      "--custom-trusted-root",
      root,
      "--format",
      "json",
      ...more,
    ]);
  const cosign: ForeignVerifier = {
    name: "cosign",
    type: (command) => start("sh", ["-c", command.replace(/^cosign \S+/, "$& --allow-http-registry")], tools),
    check: (question) =>
      start(
        "cosign",
        [
          "verify-attestation",
          "--type",
          question.predicateType,
          "--trusted-root",
          root,
          "--certificate-identity",
          question.signer,
          "--certificate-oidc-issuer",
          question.issuer,
          "--allow-http-registry",
          question.image,
        ],
        tools,
      ),
  };
  const fromFile: ForeignVerifier = {
    name: "gh",
    check: (question) => ghVerify(question, ["--bundle", asFile(question.bundle)]),
  };
  const fromRegistry: ForeignVerifier = {
    name: "gh from the registry",
    type: (command) => start("sh", ["-c", command.replace(/^gh /, `${gh ?? "gh"} `)]),
    check: (question) => ghVerify(question, ["--bundle-from-oci"]),
  };
  const sigstorePython: ForeignVerifier = {
    name: "sigstore-python",
    check: (question) =>
      start(python ?? "sigstore", [
        "--trust-config",
        config,
        "verify",
        "github",
        "--bundle",
        asFile(question.bundle),
        "--cert-identity",
        question.signer,
        "--repository",
        question.repository,
        question.digest,
      ]),
  };
  return [
    ...(tools === undefined ? [] : [cosign]),
    ...(gh === undefined ? [] : [fromFile, fromRegistry]),
    ...(python === undefined ? [] : [sigstorePython]),
  ];
}

/** A port that nothing listens on: whoever asks the network fails. */
const nowhere = "http://127.0.0.1:9";
