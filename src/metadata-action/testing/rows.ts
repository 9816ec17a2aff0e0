/** Data that GitHub passes to the action: variables of the run, and the event's payload. */
export interface RunFacts {
  readonly event: string;
  readonly ref: string;
  readonly sha: string;
  readonly payload: { readonly [name: string]: unknown };
}

const sha = "0123456789abcdef0123456789abcdef01234567";
const repository = {
  name: "shop",
  full_name: "acme/shop",
  default_branch: "main",
  html_url: "https://github.com/acme/shop",
  owner: { login: "acme", name: "acme" },
};

function push(ref: string, more: object = {}): RunFacts {
  return { event: "push", ref, sha, payload: { ref, after: sha, base_ref: null, repository, ...more } };
}

const pullRequest = {
  number: 7,
  pull_request: {
    number: 7,
    head: { sha: "fedcba9876543210fedcba9876543210fedcba98", ref: "topic" },
    base: { ref: "main" },
  },
  repository,
};

/** Runs by name. */
export const runs: Readonly<Record<string, RunFacts>> = {
  main: push("refs/heads/main"),
  dev: push("refs/heads/dev"),
  odd: push("refs/heads/feat/a&b=c#1"),
  release: push("refs/heads/release/1.2"),
  "v1.2.3": push("refs/tags/v1.2.3", { base_ref: "refs/heads/main" }),
  "1.2.3": push("refs/tags/1.2.3"),
  "v1.3.0-rc.1": push("refs/tags/v1.3.0-rc.1"),
  "v2.0.0+build.5": push("refs/tags/v2.0.0+build.5"),
  "v1.2": push("refs/tags/v1.2"),
  "api/v1.2.3": push("refs/tags/api/v1.2.3"),
  "1.0.dev4": push("refs/tags/1.0.dev4"),
  "2.1rc2": push("refs/tags/2.1rc2"),
  "3.1.post1": push("refs/tags/3.1.post1"),
  "2024.05-Final": push("refs/tags/2024.05-Final"),
  pull: { event: "pull_request", ref: "refs/pull/7/merge", sha, payload: pullRequest },
  target: { event: "pull_request_target", ref: "refs/heads/main", sha, payload: pullRequest },
  schedule: { event: "schedule", ref: "refs/heads/main", sha, payload: { schedule: "0 0 * * *", repository } },
  dispatch: { event: "workflow_dispatch", ref: "refs/heads/dev", sha, payload: { inputs: {}, repository } },
  published: { event: "release", ref: "refs/tags/v1.2.3", sha, payload: { action: "published", repository } },
  created: { event: "create", ref: "refs/tags/v1.2.3", sha, payload: { ref: "v1.2.3", ref_type: "tag", repository } },
};

/** Inputs of a step by name, its environment, and the runs to try them on. */
export interface Row {
  readonly inputs: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly on: readonly string[];
}

const all = Object.keys(runs);
const few = ["main", "dev", "v1.2.3", "v1.3.0-rc.1", "pull"];
const tags = ["v1.2.3", "1.2.3", "v1.3.0-rc.1", "v2.0.0+build.5", "v1.2", "api/v1.2.3"];
const images = "ghcr.io/Acme/Shop";

function row(lines: string, on: readonly string[] = few, more: Readonly<Record<string, string>> = {}): Row {
  return { inputs: { images, tags: lines, ...more }, on };
}

const usual =
  "type=ref,event=branch\ntype=ref,event=pr\ntype=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}\ntype=sha";

/** Table of inputs, each with the runs to try them on. */
export const rows: readonly Row[] = [
  { inputs: { images }, on: all },
  { inputs: {}, on: few },
  row(usual, all),
  row("type=semver,pattern={{raw}}\ntype=semver,pattern={{version}},prefix=v", tags),
  row("type=semver,pattern={{major}},enable=${{ false }}", few),
  row("type=semver,pattern=v{{major}}.{{minor}}.{{patch}}-{{prerelease}}", tags),
  row("type=semver,pattern={{version}},match=api/v(.*)", ["api/v1.2.3", "v1.2.3"]),
  row("type=semver,pattern={{version}},match=\\d.\\d.\\d", tags),
  row("type=semver,pattern={{version}},value=v4.5.6-beta.2\ntype=semver,pattern={{raw}},value=4.5.6", [
    "main",
    "v1.2.3",
  ]),
  row("type=semver,pattern={{version}},value={{branch}}\ntype=semver,pattern={{version}},value=x", ["release", "dev"]),
  row("type=semver,pattern={{branch}}{{major}}", ["v1.2.3"]),
  row("type=pep440,pattern={{version}}\ntype=pep440,pattern={{major}}.{{minor}}\ntype=pep440,pattern={{raw}}", [
    "1.0.dev4",
    "2.1rc2",
    "3.1.post1",
    "v1.2.3",
    "v1.2",
    "2024.05-Final",
    "main",
  ]),
  row("type=match,pattern=v(.*),group=1", [...tags, "main"]),
  row("type=match,pattern=\\d+.\\d+", tags),
  row("type=match,pattern=/V(\\d+)/i,group=1", tags),
  row('type=match,"pattern=^v?(\\d{1,2})(?:\\.(\\d+))?",group=2', tags),
  row("type=match,pattern=(a|v)([0-9.]*?)-,group=2", ["v1.3.0-rc.1", "v1.2.3"]),
  row("type=match,pattern=x,group=9", ["v1.2.3"]),
  row("type=match,pattern=v(.*),group=4", ["v1.2.3"]),
  row("type=match,pattern=v(.*),group=x", ["v1.2.3"]),
  row("type=match,value=abc-12,pattern=[a-z]+", ["main"]),
  row("type=edge", ["main", "dev", "v1.2.3", "schedule"]),
  row("type=edge,branch=dev", ["main", "dev"]),
  row("type=edge\ntype=raw,value=nightly", ["main", "dev"]),
  row("type=schedule", ["schedule", "main"]),
  row("type=schedule,pattern=weekly", ["schedule"]),
  row("type=schedule,pattern={{date 'YYYYMMDD'}}", ["schedule"]),
  row("type=schedule,pattern=nightly-{{branch}}", ["schedule"]),
  row("type=ref,event=branch,prefix=b-,suffix=-x", ["main", "odd"]),
  row("type=ref,event=tag,suffix=-alpine", tags),
  row("type=ref,event=pr,prefix=", ["pull", "target", "main"]),
  row("type=ref,event=branch\ntype=raw,value=latest,enable={{is_default_branch}}", [
    "main",
    "dev",
    "odd",
    "pull",
    "schedule",
    "created",
  ]),
  row("type=raw,value=latest,enable={{is_not_default_branch}}", ["main", "dev", "v1.2.3"]),
  row("type=raw,value={{branch}}-{{sha}}\ntype=raw,{{tag}}\n{{base_ref}}", ["main", "odd", "v1.2.3", "pull", "1.2.3"]),
  row("type=raw,value={{{branch}}}\ntype=raw,value=x{{~branch}}\ntype=raw,value=a{{!c}}b", ["odd", "main"]),
  row("type=raw,value={{date 'YYYY.MM.DD-HHmmss' tz='Asia/Tokyo'}}-{{sha}}", ["main"]),
  row("type=raw,value={{commit_date 'YYYYMMDD'}}", ["main"]),
  row("type=raw,value={{nosuch}}x", ["main"]),
  row("type=raw,value={{nosuch 'a'}}x", ["main"]),
  row("plain\nwith space/and+plus\n1.0\n1.0", ["main", "v1.2.3"]),
  row("type=raw,value=a=b,priority=50\ntype=sha,priority=2000\ntype=raw,value=b,priority=x", ["main"]),
  row("type=sha,format=long\ntype=sha,prefix=,suffix=-s\ntype=sha", ["main", "pull"]),
  { inputs: { images, tags: "type=sha" }, env: { DOCKER_METADATA_SHORT_SHA_LENGTH: "12" }, on: ["main"] },
  {
    inputs: { images, tags: "type=sha" },
    env: { DOCKER_METADATA_PR_HEAD_SHA: "true" },
    on: ["main", "pull", "target"],
  },
  row("# comment\n\n  type=raw,value=a  \ntype=raw,value=b#c", ["main"]),
  row('type=raw,"value=a,b"\n"type=raw,value=q"', ["main"]),
  row('type=raw,value=a"b', ["main"]),
  row("type=raw", ["main"]),
  row("type=nosuch,value=a", ["main"]),
  row("type=ref", ["main"]),
  row("type=ref,event=issue", ["main"]),
  row("type=sha,format=middle", ["main"]),
  row("type=semver", ["v1.2.3"]),
  row("type=raw,value=a,enable=maybe", ["main"]),
  row("type=raw,value=a,enable=", ["main"]),
  row("type=raw,value=,enable=true", ["main"]),
  row("TYPE=raw,VALUE=a", ["main"]),
  row("type=raw,value=a\ntype=raw,value=a\ntype=raw,value=b", ["main"]),
  row("=x", ["main"]),
  row(usual, ["main", "v1.2.3", "v1.3.0-rc.1"], { flavor: "latest=true" }),
  row(usual, ["main", "v1.2.3"], { flavor: "latest=false" }),
  row(usual, ["main", "v1.2.3"], { flavor: "suffix=-alpine,onlatest=true" }),
  row(usual, ["main", "v1.2.3"], { flavor: "prefix=pg-\nsuffix=-slim,onlatest=true\nlatest=true" }),
  row(usual, ["main", "v1.2.3"], { flavor: "prefix={{branch}}-" }),
  row("type=raw,value=a,prefix=", ["main"], { flavor: "prefix=x-,suffix=-y" }),
  row("type=schedule", ["schedule"], { flavor: "latest=true" }),
  row("type=match,pattern=v(.*),group=1\ntype=sha", tags, { flavor: "latest=auto" }),
  row("type=sha\ntype=ref,event=tag,priority=50", ["v1.2.3"]),
  row(usual, ["main"], { flavor: "latest=maybe" }),
  row(usual, ["main"], { flavor: "nosuch=1" }),
  row(usual, ["main"], { flavor: "latest" }),
  row(usual, ["main"], { flavor: "prefix=a,onlatest=x" }),
  row(usual, ["v1.2.3"], { images: "acme/a,ghcr.io/acme/B" }),
  row(usual, ["v1.2.3"], { images: "acme/a\nname=ghcr.io/acme/b,enable=false\nname=quay.io/acme/c,enable=true" }),
  row(usual, ["v1.2.3"], { images: "name=acme/a,enable=false" }),
  row(usual, ["v1.2.3"], { images: "name=acme/a,enable=x" }),
  row(usual, ["v1.2.3"], { images: "name=,enable=true" }),
  row(usual, ["v1.2.3"], { images: "name=acme/a,nosuch=true" }),
  row(usual, ["v1.2.3"], { images: "acme/a\n# none\nacme/b", "sep-tags": "," }),
  row("type=ref,event=branch", ["main", "v1.2.3"], {
    labels: "org.opencontainers.image.title=Shop\nmaintainer=a=b\nempty=\nno-value\nbranch={{branch}}",
    "sep-labels": "|",
  }),
  row("type=semver,pattern={{version}}", ["v1.2.3"], { annotations: "x.y=1", "sep-annotations": ";" }),
  {
    inputs: { images, tags: "type=sha", annotations: "x=1" },
    env: { DOCKER_METADATA_ANNOTATIONS_LEVELS: "manifest,index" },
    on: ["main"],
  },
  { inputs: { images, "bake-target": "app" }, on: ["main"] },
];
