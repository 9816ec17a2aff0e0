import { withProgramOutput, SlipwayError } from "../../errors.ts";
import { redactAddresses } from "../../formats/address.ts";
import type { Host } from "../../host.ts";
import { gitAddressFault, gitProtocols, gitUrlOf } from "../../model/git-address.ts";

/** Resolves a git context (`https://…/repo.git#ref:folder`) to a commit. Throws `configuration` if there is none. */
export async function resolveGitContext(host: Host, url: string): Promise<string> {
  const fault = gitAddressFault(url);
  if (fault !== undefined) throw new SlipwayError("git-context-not-found", redactAddresses(`git context: ${fault}`));
  const [remote = "", fragment = ""] = url.split("#");
  const ref = fragment.split(":")[0] || "HEAD";
  if (/^[0-9a-f]{40}$/.test(ref)) return ref;
  const args = ["ls-remote", "--", gitUrlOf(remote), ref, `${ref}^{}`];
  const env = { LC_ALL: "C", GIT_TERMINAL_PROMPT: "0", GIT_ALLOW_PROTOCOL: gitProtocols };
  const { exitCode, stdout, stderr } = await host.run("git", args, { env });
  const commit = exitCode === 0 ? findCommit(new TextDecoder().decode(stdout), ref) : undefined;
  if (commit !== undefined) return commit;
  const message = withProgramOutput(`git context "${url}": no "${ref}" there`, stderr);
  throw new SlipwayError("git-context-not-found", message.map(redactAddresses), {
    hint: "check the address and the branch, tag or commit after #",
  });
}

/**
 * Finds a ref in the output of `git ls-remote`. git matches the ends of names (`main` is also `feature/main`), so this compares full names.
 * A branch takes precedence over a tag, as in BuildKit; an annotated tag counts as its commit.
 */
export function findCommit(listed: string, ref: string): string | undefined {
  const commits = new Map<string, string>();
  for (const line of listed.split("\n")) {
    const [commit, name] = line.split("\t");
    if (commit !== undefined && name !== undefined) commits.set(name, commit);
  }
  const names = [ref, `refs/${ref}`, `refs/heads/${ref}`, `refs/tags/${ref}`];
  const name = names.find((each) => commits.has(each));
  return name === undefined ? undefined : (commits.get(`${name}^{}`) ?? commits.get(name));
}
