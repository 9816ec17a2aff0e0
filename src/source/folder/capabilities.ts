import { hasKind } from "../../errors.ts";
import type { Host } from "../../host.ts";

/** Bytes of paths that one command line takes, well below what any system allows. */
const mostBytes = 100_000;

/** Names of the program; some systems have it in a folder that is not on the path of ordinary users. */
const programs = ["getcap", "/usr/sbin/getcap"] as const;

/**
 * The capabilities of programs, such as `cap_net_raw=ep`, by absolute path. They are the only extended attribute that layers keep (source:
 * containerd, archive/tar.go, `ChangeWriter`). Node cannot read them: where libcap's getcap is not installed, none are found.
 */
export async function readCapabilities(host: Host, paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const batch of batchesOf(paths)) {
    const output = await runGetcap(host, batch);
    if (output === undefined) return found;
    for (const path of batch) {
      const line = output.find((each) => each.startsWith(`${path} `));
      if (line !== undefined) found.set(path, line.slice(path.length + 1).replace(/^= /, ""));
    }
  }
  return found;
}

function* batchesOf(paths: readonly string[]): Generator<readonly string[], void, undefined> {
  let batch: string[] = [];
  let size = 0;
  for (const path of paths) {
    if (size > mostBytes) {
      yield batch;
      [batch, size] = [[], 0];
    }
    batch.push(path);
    size += Buffer.byteLength(path) + 1;
  }
  if (batch.length > 0) yield batch;
}

/** Lines of output; undefined: the program is not installed. */
async function runGetcap(host: Host, paths: readonly string[]): Promise<readonly string[] | undefined> {
  for (const program of programs) {
    try {
      const { stdout } = await host.run(program, paths);
      return new TextDecoder().decode(stdout).split("\n");
    } catch (error) {
      if (!hasKind(error, "unavailable")) throw error;
    }
  }
  return undefined;
}
