import { withProgramOutput, SlipwayError } from "../../errors.ts";
import type { Host, RunOptions } from "../../host.ts";
import type { GitRefusal } from "../../model/error-kind.ts";

/** Runs git in one folder. Rejects with `git-failed` and git's words when git fails. */
export type Git = (args: readonly string[], options?: Pick<RunOptions, "stdin" | "env">) => Promise<Uint8Array>;

export function makeGit(host: Host, folder: string): Git {
  return async (args, options = {}) => {
    const { exitCode, stdout, stderr } = await host.run("git", args, {
      ...options,
      cwd: folder,
      env: { LC_ALL: "C", GIT_TERMINAL_PROMPT: "0", ...options.env },
    });
    if (exitCode === 0) return stdout;
    const message = withProgramOutput(`running git ${args[0] ?? ""} in "${folder}"`, stderr);
    throw new SlipwayError("git-failed", message, { hint: hintFor(stderr), data: { reason: reasonOf(stderr) } });
  };
}

/** git's words, in the language that it was started with. */
function reasonOf(stderr: string): GitRefusal {
  if (stderr.includes("must be run in a work tree")) return "no-work-tree";
  return stderr.includes("not a git repository") ? "not-a-repository" : "other";
}

function hintFor(stderr: string): string | undefined {
  if (stderr.includes("dubious ownership")) {
    return "tell git that you trust this folder: git config --global --add safe.directory FOLDER";
  }
  if (stderr.includes("index.lock")) return "another git command is running in this repository; wait for it to end";
  return undefined;
}

/** Decodes git's output. */
export function decodeText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Decodes a file name. Bytes that are not UTF-8 become lone surrogates (U+DC80 to U+DCFF), so that different names stay different;
 * `isPortableName` recognizes them.
 */
export function decodeName(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return Array.from(bytes, (byte) => String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte)).join("");
  }
}

/** Whether BuildKit can take the name: it takes UTF-8 only. */
export function isPortableName(name: string): boolean {
  return !/\p{Surrogate}/u.test(name);
}

/** Splits NUL-terminated records into names. */
export function splitNames(bytes: Uint8Array): string[] {
  const names: string[] = [];
  let start = 0;
  for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, start)) {
    names.push(decodeName(bytes.subarray(start, end)));
    start = end + 1;
  }
  return names;
}
