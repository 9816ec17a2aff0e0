/** An account as the API describes it. */
export function describeOwner(
  account: { readonly login: string; readonly id: number; readonly kind: "Organization" | "User" },
  apiUrl: string,
  siteUrl: string,
): object {
  const { login, id, kind } = account;
  const root = `${apiUrl}/users/${login}`;
  return {
    login,
    id,
    node_id: Buffer.from(`${kind}${id}`).toString("base64url"),
    avatar_url: `${siteUrl}/avatars/o/${login}`,
    gravatar_id: "",
    url: root,
    html_url: `${siteUrl}/${login}`,
    followers_url: `${root}/followers`,
    following_url: `${root}/following{/other_user}`,
    gists_url: `${root}/gists{/gist_id}`,
    starred_url: `${root}/starred{/owner}{/repo}`,
    subscriptions_url: `${root}/subscriptions`,
    organizations_url: `${root}/orgs`,
    repos_url: `${root}/repos`,
    events_url: `${root}/events{/privacy}`,
    received_events_url: `${root}/received_events`,
    type: kind,
    site_admin: false,
  };
}
