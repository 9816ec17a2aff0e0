import type { Bases } from "./emulate.ts";
import type { GitFolder } from "./git.ts";
import { json, notFound } from "./message.ts";
import type { Route } from "./route.ts";

/** Targets of references, read from the git repository. https://docs.github.com/rest/git/refs, https://docs.github.com/rest/git/tags */
export function gitRefRoutes(git: GitFolder | undefined, repository: string, { api }: Bases): readonly Route[] {
  const root = `${api}/repos/${repository}/git`;
  const describe = ({ type, sha }: { readonly type: string; readonly sha: string }): object => ({
    type,
    sha,
    url: `${root}/${type}s/${sha}`,
  });
  return [
    {
      on: "GET /repos/:owner/:repo/git/ref/:ref",
      async handle({ params }) {
        const ref = `refs/${params["ref"]}`;
        const object = await git?.objectOf(ref);
        if (object === undefined) return notFound();
        return json(200, { ref, node_id: ref, url: `${root}/${ref}`, object: describe(object) });
      },
    },
    {
      on: "GET /repos/:owner/:repo/git/tags/:sha",
      async handle({ params: { sha = "" } }) {
        const found = await git?.annotatedTag(sha);
        if (found === undefined) return notFound();
        return json(200, { ...found, node_id: sha, sha, url: `${root}/tags/${sha}`, object: describe(found.object) });
      },
    },
  ];
}
