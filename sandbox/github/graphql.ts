import { type GitHubAnswer, type GitHubRequest, asObject, asText, json, objectIn, objectsIn } from "./message.ts";

/** The one question `gh release list` asks by GraphQL. Everything else is refused with the words that GraphQL has for it. */
export async function answerGraphql(
  request: GitHubRequest,
  get: (path: string) => Promise<unknown>,
  repository: string,
): Promise<GitHubAnswer> {
  const query = asText(objectIn(request.body)?.["query"]);
  if (query.includes("RepositoryReleaseList")) return json(200, { data: await releaseList(get, repository) });
  if (query.includes("__type")) return json(200, { data: { Release: { fields: [{ name: "immutable" }] } } });
  return json(200, { data: null, errors: [{ type: "NOT_FOUND", message: "This query is not answered here." }] });
}

async function releaseList(get: (path: string) => Promise<unknown>, repository: string): Promise<object> {
  const listed = await get(`/repos/${repository}/releases?per_page=100`);
  const latest = asObject(await get(`/repos/${repository}/releases/latest`));
  const nodes = objectsIn(listed).map((release) => ({
    name: release["name"] ?? "",
    tagName: release["tag_name"],
    isDraft: release["draft"],
    immutable: release["immutable"],
    isLatest: release["id"] === latest?.["id"],
    isPrerelease: release["prerelease"],
    createdAt: release["created_at"],
    publishedAt: release["published_at"],
  }));
  return { repository: { releases: { nodes, pageInfo: { hasNextPage: false, endCursor: null } } } };
}
