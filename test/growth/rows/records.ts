import { expect } from "vitest";
import { list, type Row } from "../row.ts";

/** Records, versions, tags and caches. */
export async function recordRows(): Promise<readonly Row[]> {
  const [
    order,
    records,
    belong,
    semver,
    commits,
    tags,
    groups,
    decide,
    reader,
    retention,
    cacheNames,
    stored,
    find,
    differences,
  ] = await Promise.all([
    import("../../../src/plan/order.ts"),
    import("../../../src/records/record-names.ts"),
    import("../../../src/records/where-tags-belong.ts"),
    import("../../../src/formats/semver.ts"),
    import("../../../src/formats/conventional-commit.ts"),
    import("../../../src/records/tags.ts"),
    import("../../../src/records/group-tag.ts"),
    import("../../../src/records/decide-tags.ts"),
    import("../../../src/records/record-reader.ts"),
    import("../../../src/cache/retention.ts"),
    import("../../../src/cache/names.ts"),
    import("../../../src/cache/testing/stored.ts"),
    import("../../../src/records/find-release.ts"),
    import("../../../src/records/release-differences.ts"),
  ]);
  const [notes, schema, plan] = await Promise.all([
    import("../../../src/notes/testing/releases.ts"),
    import("../../../src/records/record-schema.ts"),
    import("../../../src/plan/plan-release.ts"),
  ]);
  const rules = {
    unusedSeconds: 86_400,
    budgetBytes: 10_000,
    closedPullRequests: true,
    goneServices: true,
    leftovers: true,
  };
  /** Releases are weighed for each tag of each service: the work grows with either number. */
  const decideTags = (releases: number, size: number) => {
    const index = records.parseRecordTags([...list(releases, (at) => `1.${at}.0`), "promoted.1.0.0"]);
    const services = list(size, (at) => ({ name: `s${at}`, group: "default", tags: tags.defaultTagTemplates }));
    const made = reader.makeRecordReader({} as never, "a.test/b" as never, index);
    const last = index.releases.at(-1) ?? expect.unreachable();
    const manifest = { ...notes.first, services: services.map(({ name }) => notes.service(name)) };
    made.remember(last.tag, { name: last, manifest, raw: {} as never });
    return () => decide.decideTags(made, index, [last.tag], services);
  };
  return [
    [
      "versions with long pre-releases, numbers and build metadata",
      60,
      (size) => {
        const texts = [
          `1.2.3-${list(size, (index) => `rc${index}`).join(".")}`,
          `${"9".repeat(size)}.0.0-${"0a".repeat(size)}`,
          `1.2.3-${"a-".repeat(size)}+${"b.".repeat(size)}c`,
          `1.2.3-${"0.".repeat(size)}`,
        ];
        return () => {
          const versions = texts.flatMap((text) => semver.parseVersion(text) ?? []);
          for (const left of versions) for (const right of versions) semver.compareVersions(left, right);
          for (const each of versions) commits.nextVersion(each, "major");
        };
      },
    ],
    [
      "commit messages",
      60,
      (size) => {
        const subjects = [
          `feat(${"a".repeat(size)})!: b`,
          "a".repeat(size),
          `feat: ${" ".repeat(size)}`,
          `Revert "${'"'.repeat(size)}`,
        ];
        const bodies = [
          "BREAKING CHANGE ".repeat(size),
          "\nBREAKING-CHANGE: ".repeat(size),
          "This reverts commit ".repeat(size),
        ];
        return () => {
          for (const subject of subjects) for (const body of bodies) commits.parseConventionalCommit({ subject, body });
        };
      },
    ],
    [
      "tag templates, many and long",
      12,
      (size) => {
        const templates = [...list(size, (index) => `{major}-a${index}`), "{version}"];
        const subject = {
          service: "a",
          group: "b",
          subject: { kind: "version", version: "1.2.3" },
          commit: "c".repeat(40),
        } as const;
        return () => {
          tags.renderTags({ version: templates, branch: [] }, subject);
          for (const text of ["{".repeat(size), "{a".repeat(size), "{version}".repeat(size)])
            tags.checkTagTemplate("version", text);
        };
      },
    ],
    [
      "git tags of a group",
      60,
      (size) => () =>
        list(size, (index) => groups.parseGroupTag({ name: "a", tag: "a-v{version}-b" }, `a-v1.${index}.0-b`)),
    ],
    ["where the tags of a release among many belong", 200, (size) => decideTags(size, 4)],
    ["where the tags of a release of many services belong", 24, (size) => decideTags(4, size)],
    [
      "releases that differ in every service, and the name of one",
      12,
      (size) => {
        const release = (commit: string) => ({
          ...notes.first,
          services: list(size, (at) => notes.service(`s${at}`, { commit })),
        });
        const [before, after] = [release("1".repeat(40)), release("2".repeat(40))];
        const index = records.parseRecordTags(list(size, (at) => `1.${at}.0`));
        return () => [
          differences.differencesBetween(before, after),
          find.findRecordedRelease(index, `1.${size - 1}.0`),
        ];
      },
    ],
    [
      "caches of many services, image names, branches and pull requests",
      12,
      (size) => {
        const service = (at: number) => ({ name: `s${at}`, platforms: ["linux/amd64" as never] });
        const caches = list(size, (at) => [
          stored.entry({
            id: 4 * at,
            service: `s${at}`,
            name: `index-slipway-s${at}-linux-amd64-1-0a1b2c3d#1`,
            pullRequest: at,
            ref: `refs/pull/${at}/merge`,
          }),
          stored.layer({ id: 4 * at + 1, ref: `refs/pull/${at + 1}/merge` }),
          stored.entry({
            id: 4 * at + 2,
            service: `t${at}`,
            name: `index-slipway-t${at}-linux-amd64-1-0a1b2c3d#${at}`,
          }),
          stored.tag({ service: `t${at}`, name: `a.test/s${at}:cache-t${at}-linux-amd64`, digest: `sha256:${at}` }),
        ]).flat();
        const facts = {
          now: stored.now,
          services: list(size, service),
          ref: "refs/heads/main",
          defaultRef: "refs/heads/main",
          openPullRequests: new Set(list(size, (at) => at)),
          tags: new Map(
            list(size, (at) => [`a.test/s${at}`, [{ tag: `t${at}`, digest: `sha256:${at}`, children: [] }]]),
          ),
        };
        return () => [
          retention.planRetention(caches, facts, rules),
          retention.whyGoneAreKept(caches, { ...facts, defaultRef: "refs/heads/x" }),
        ];
      },
    ],
    [
      "names of caches",
      60,
      (size) => () =>
        [
          `index-${"slipway-".repeat(size)}1-0a1b2c3d#1`,
          `cache-${"a-".repeat(size)}`,
          `index-${"-1-0a1b2c3d#1".repeat(size)}`,
        ].map((name) => [
          cacheNames.parseCacheKey(name),
          cacheNames.parseCacheScope(name),
          cacheNames.parseCacheTag(name),
          cacheNames.parseBuildTag(name),
        ]),
    ],
    [
      "services that need each other",
      600,
      (size) => {
        const services = list(size, (index) => ({ name: `s${index}`, needs: [`s${index + 1}`, `s${index + 2}`] }));
        return () => order.orderByNeeds(services);
      },
    ],
    [
      "releases and rollbacks of one tag",
      60,
      (size) => {
        const { parseReleaseTag, makeRollbackName } = records;
        const names = list(size, (index) => parseReleaseTag(`1.${index}.0`) ?? expect.unreachable());
        const rollbacks = names.map((to, index) => makeRollbackName(to, index, "01234567"));
        const facts = { knewOf: () => new Set(names.map(({ tag }) => tag)), releasedAt: () => undefined };
        return () => belong.whereTagBelongs(names, rollbacks, facts);
      },
    ],
    [
      "records of releases",
      60,
      (size) => {
        const tags = list(size, (index) => `1.${index}.0`);
        return () => records.parseRecordTags(tags);
      },
    ],
    [
      "the manifest of a release of many services",
      12,
      (size) => {
        const manifest = { ...notes.first, services: list(size, (at) => notes.service(`s${at}`)) };
        const bytes = new TextEncoder().encode(JSON.stringify(manifest));
        const knew = list(size, (at) => `1.${at}.0`);
        const rollback = { schemaVersion: 1, group: "default", to: "1.0.0", knew, decidedAt: stored.now };
        return () => [
          schema.parseReleaseManifest(bytes),
          schema.parseRollbackRecord(new TextEncoder().encode(JSON.stringify(rollback))),
        ];
      },
    ],
    [
      "the plan of services that need each other, all of which changed",
      12,
      (size) => {
        const platform = {
          platform: "linux/amd64",
          fingerprint: null,
          startsFrom: [],
          volatile: null,
          found: { kind: "nothing" },
        };
        const service = (at: number) => ({
          service: `s${at}`,
          needs: at === 0 ? [] : [`s${at - 1}`],
          forced: false,
          plannedReason: null,
          refreshSeconds: null,
          withheld: null,
          platforms: [{ ...platform, changes: null }],
          held: null,
          uncounted: [],
        });
        const state = { commit: "c".repeat(40), observedAt: stored.now, services: list(size, service) };
        return () => plan.planRelease(state as never);
      },
    ],
  ];
}
