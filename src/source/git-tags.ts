import { type Git, decodeText } from "./git.ts";

/**
 * The names of git's tags at a commit, also of tags that point to a tag: `git tag --points-at` follows one step only. `--head` is
 * there since git fails where it has nothing to show.
 */
export async function readTagsAt(git: Git, commit: string): Promise<string[]> {
  const lines = decodeText(await git(["show-ref", "--head", "--tags", "--dereference"])).split("\n");
  const commits = new Map<string, string>();
  for (const line of lines) {
    const [, object = "", name] = /^([0-9a-f]+) refs\/tags\/(.+?)(?:\^\{\})?$/.exec(line) ?? [];
    // What the tag was peeled to follows the tag itself.
    if (name !== undefined) commits.set(name, object);
  }
  return [...commits].flatMap(([name, at]) => (at === commit ? [name] : []));
}
