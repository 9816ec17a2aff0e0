import { list, type Row } from "../row.ts";

const at = "2026-01-01T00:00:00.000Z";
const commit = "0123456789abcdef0123456789abcdef01234567";

/** Renderers for people and for GitHub. */
export async function reportRows(): Promise<readonly Row[]> {
  const [script, releases, stored, digests, styles] = await Promise.all([
    import("../../../src/report/testing/script.ts"),
    import("../../../src/notes/testing/releases.ts"),
    import("../../../src/cache/testing/stored.ts"),
    import("../../../src/model/digest.ts"),
    import("../../../src/report/style.ts"),
  ]);
  const [plan, status, caches, results, services, inputs, replay, init, errors, error] = await Promise.all([
    import("../../../src/report/render-plan.ts"),
    import("../../../src/report/render-status.ts"),
    import("../../../src/report/render-caches.ts"),
    import("../../../src/report/render-result.ts"),
    import("../../../src/report/render-services.ts"),
    import("../../../src/report/render-inputs.ts"),
    import("../../../src/report/render-replay.ts"),
    import("../../../src/report/render-init.ts"),
    import("../../../src/report/render-error.ts"),
    import("../../../src/errors.ts"),
  ]);
  const [notes, gitHubRelease, section, previews, shadow, summary, stage, annotate] = await Promise.all([
    import("../../../src/notes/render-notes.ts"),
    import("../../../src/notes/github-release.ts"),
    import("../../../src/notes/images-section.ts"),
    import("../../../src/action/preview-comment.ts"),
    import("../../../src/action/shadow-summary.ts"),
    import("../../../src/report/step-summary.ts"),
    import("../../../src/report/testing/play.ts"),
    import("../../../src/report/annotate-error.ts"),
  ]);
  const [guideFacts, comparison, optimization, quickReference, readme, publishers] = await Promise.all([
    import("../../../src/guides/testing/facts.ts"),
    import("../../../src/guides/comparison.ts"),
    import("../../../src/guides/optimization.ts"),
    import("../../../src/guides/quick-reference.ts"),
    import("../../../src/guides/readme-section.ts"),
    import("../../../src/report/render-publishers.ts"),
  ]);
  const verification = await import("../../../src/report/render-verification.ts");
  const style = styles.makeStyle(true, { columns: 100 });
  const digest = digests.digestOf("a");
  const image = releases.service("a").images[0];
  const names = (size: number): string[] => list(size, (index) => `s${index}`);
  const planOf = (size: number) => {
    const reason = {
      kind: "inputs-changed",
      changes: [{ what: "file", name: "a|b\u001b", change: "changed" }],
    } as const;
    return { ...script.plan, steps: names(size).map((name) => script.makeTestStep(name, "build", reason)) };
  };
  const built = (size: number) =>
    names(size).map((service) => {
      const known = { service, outcome: "failed", image: null, kept: false, seconds: 1 } as const;
      return { ...known, because: "a\nb", errorKind: "build-failed", code: "failed", hint: "c" } as const;
    });
  const release = (size: number, version: string) => ({
    ...releases.first,
    commit: digests.digestOf(version).slice(7, 47),
    services: names(size).map((name) => releases.service(name, { commit: digests.digestOf(version).slice(7, 47) })),
  });
  const tags = (size: number) =>
    names(size).map((service) => ({ service, image, tag: service, from: null, to: digest, state: "moved" }) as const);

  return [
    [
      "a plan",
      12,
      (size) => () => [plan.renderPlan(planOf(size), style), plan.renderServicePlan(planOf(size), "s0", style)],
    ],
    [
      "the status of releases",
      12,
      (size) => {
        const tag = (service: string) => ({
          ...({ service, image, tag: service, kind: "moving", isAt: null, belongsAt: digest } as const),
          release: "1.0.0",
          rollback: null,
          wrong: "it is not there",
        });
        const shown = (version: string) => ({
          record: version,
          group: "default",
          version,
          branch: null,
          commit,
          releasedAt: at,
          isFinished: false,
          state: "unfinished" as const,
          services: names(size).map((service) => ({
            ...({ service, images: [image], digest, origin: "built", commit, builtAt: at, ageSeconds: 1 } as const),
          })),
        });
        const document = {
          releases: list(4, (index) => shown(`1.${index}.0`)),
          rollbacks: list(size, (index) => ({ record: `r${index}`, to: "1.0.0", decidedAt: at })),
          tags: names(size).map(tag),
          unfinished: list(size, (index) => `1.${index}.0`),
          spoilt: list(size, (index) => `1.${index}.0`),
          abandonments: list(size, (index) => ({ record: `a${index}`, release: `2.${index}.0`, abandonedAt: at })),
        };
        return () => status.renderStatus(document, style, at);
      },
    ],
    [
      "caches that are listed and pruned",
      12,
      (size) => {
        const all = list(size, (id) => stored.entry({ id, service: `s${id}`, name: `a${id}` }));
        const kept = { entries: size, bytes: size };
        const pruned = all.map((cache) => ({ ...cache, because: "a", state: "failed" as const, failure: "b" }));
        const commands = names(size);
        return () => [
          caches.renderCacheList({ version: 1, github: null, caches: all, notes: commands }, style, stored.now),
          caches.renderCachePrune({ version: 1, state: "partly", caches: pruned, kept, commands, notes: [] }, style),
        ];
      },
    ],
    [
      "the results of builds, releases, rollbacks and abandonments",
      12,
      (size) => {
        const planned = names(size).map((service) => ({
          ...({ service, image, tag: service, action: "stay", release: "1.0.0", because: "a" } as const),
        }));
        const document = {
          ...({
            version: 1,
            state: "released",
            because: null,
            plan: planOf(size),
            services: built(size),
            tags: planned,
          } as const),
          releases: [{ record: "1.0.0", manifest: release(size, "1.0.0"), githubRelease: null }],
          notes: null,
        };
        const moved = { version: 1, record: "r", already: false, tags: tags(size) } as const;
        return () => [
          results.renderBuildResult({ version: 1, commit, services: built(size) }, style),
          results.renderReleaseResult(document, style, false),
          results.renderReleaseResult({ ...document, state: "dry-run" }, style, false),
          results.renderRollback({ ...moved, to: "1.0.0" }, style),
          results.renderAbandon({ ...moved, release: "1.0.0", left: names(size) }, style),
        ];
      },
    ],
    [
      "services, and what is left out of them",
      12,
      (size) => {
        const service = (name: string) => ({
          name,
          images: [image],
          context: ".",
          dockerfile: "a",
          platforms: ["b"],
          needs: names(4),
        });
        const found = {
          services: names(size).map(service) as never,
          leftOut: names(size).map((path) => ({ path, because: "a" })),
          source: "a",
          unplannable: names(size).map((name) => ({ service: name, because: "a", hint: "b" })),
        };
        return () => services.renderServices(found, style);
      },
    ],
    [
      "inputs",
      60,
      (size) => {
        const files = list(size, (index) => ({
          path: `a${index}`,
          mode: "100644" as const,
          digest: "sha1:0",
          context: `c${index}`,
        }));
        const document = {
          service: "a",
          platform: script.amd64,
          fingerprint: digest,
          files,
          volatile: null,
          args: Object.fromEntries(names(size).map((name) => [name, name])),
          bases: names(size).map((reference) => ({ reference, digest })),
          contexts: names(size).map((name) => ({ name, kind: "folder" as const, of: name, digest })),
          instructions: names(size),
          settings: { algorithm: "2" },
          uncounted: names(size).map((name) => ({ what: "stamp" as const, name, from: "build args" })),
        };
        return () => inputs.renderInputs(document, style);
      },
    ],
    [
      "what commits would have built",
      12,
      (size) => {
        const counts = { built: 1, reused: 2, missedByFolder: 3 };
        const document = {
          ...({ version: 1, totals: { ...counts, commits: size, needless: 1, minutesSaved: 1 } } as const),
          services: names(size).map((service) => ({ service, ...counts })),
          commits: names(size).map((sha) => ({
            commit: sha,
            subject: sha,
            at,
            built: names(4),
            reused: names(4),
            missedByFolder: [],
            unreadable: null,
          })),
        };
        return () => replay.renderReplay(document, style);
      },
    ],
    [
      "what init writes",
      12,
      (size) => {
        const document = {
          ...({ version: 1, state: "dry-run", layout: "matrix", source: "a", releaserc: null } as const),
          services: names(size).map((service) => ({
            service,
            dockerfile: "a",
            platforms: ["linux/amd64"],
            images: ["b"],
            tags: { version: ["a"], branch: [] },
          })),
          workflows: names(size).map((file) => ({ file, becomes: "kept" as const, images: ["a"] })),
          files: names(size).map((path) => ({
            path,
            change: "change" as const,
            written: "edited" as const,
            diff: "+a\n-b\n".repeat(4),
          })),
          notCarried: names(size).map((file) => ({ file, line: 1, message: "a" })),
          publishers: names(size).map((file) => ({
            file,
            line: 1,
            column: 1,
            how: "a",
            becomes: "as-it-is" as const,
            because: "b",
            never: ["c"],
          })),
          events: names(size).map((event) => ({ event, before: ["a"], after: ["b"] })),
          replaced: names(size),
          notes: names(size),
        };
        return () => init.renderInit(document, style, { diff: true });
      },
    ],
    [
      "an error of many lines, and its causes",
      60,
      (size) => {
        const diagnostics = list(size, (line) => ({ file: "a\u001b", line, message: "b" }));
        const cause = new Error("c\n".repeat(size));
        const shown = error.configurationError(diagnostics);
        const failed = new error.SlipwayError("failed", names(size), { hint: "d\n".repeat(size), cause });
        return () => [
          errors.renderError(shown, style, { verbose: true }),
          errors.renderError(failed, style, { verbose: true }),
          annotate.annotateError(shown),
          annotate.annotateError(failed),
        ];
      },
    ],
    [
      "the notes of a release",
      12,
      (size) => {
        const [before, after] = [release(size, "1.0.0"), release(size, "1.1.0")];
        const commits = list(size, (index) =>
          releases.commit(`${index % 10}0`, "a|`*@b\u0007".repeat(4), [`s${index}`]),
        );
        const place = { tag: "v1.1.0", repository: "acme/shop" };
        return () => {
          const text = notes.renderNotes({ release: after, previous: before, commits });
          const shorter = gitHubRelease.renderShorterTexts(
            { release: after, previous: before },
            { hasNotes: true, command: "a" },
          );
          gitHubRelease.renderReleaseAssets(after, { text, manifest: text });
          section.putFittingSection(text, [gitHubRelease.renderImagesText(text, after, place), ...shorter]);
        };
      },
    ],
    [
      "a body with many markers of its section",
      60,
      (size) => {
        const { begin, end } = section.sectionMarkers;
        return () =>
          [begin.repeat(size) + end.repeat(size), end.repeat(size), begin.repeat(size)].map((body) =>
            section.putSection(body, "a"),
          );
      },
    ],
    [
      "what a pull request is told",
      12,
      (size) => {
        const preview = { reference: "a.test/b:pr-1", digest };
        const previewed = built(size).map((each) => ({ ...each, preview }));
        const images = names(size).map((service) => ({
          ...({ service, outcome: "built", image: null, platform: script.amd64, theirs: null, because: null } as const),
          ...({ state: "differs", differences: names(4).map((name) => ({ name, detail: "a" })) } as const),
        }));
        return () => [
          previews.renderPreviews({
            ...({ version: 1, commit, pullRequest: 1, state: "failed" } as const),
            services: previewed,
            growth: names(size).map((service) => releases.growthOf(service)),
          }),
          previews.renderPreviewsGone(names(size).map((reference) => ({ reference }))),
          shadow.renderShadow({ images } as never),
        ];
      },
    ],
    ...(["plain", "live", "quiet"] as const).map((mode): Row => [
      `the ${mode} view of builds with much output`,
      24,
      (size) => () => {
        const shown = stage.makeStage({ mode, verbose: true });
        const facts = summary.makeSummaryFacts(() => 0);
        const solve = { service: "s0", platform: script.amd64 };
        const events = [
          { kind: "planned", plan: planOf(size), seconds: 1 } as const,
          ...list(
            size,
            (index) =>
              ({ kind: "vertex", ...solve, name: `[${index}/9] RUN a${index}`, state: "started", seconds: 1 }) as const,
          ),
          ...list(size, (index) => ({ kind: "log", ...solve, line: `a\u001b[3${index % 8}m` }) as const),
          ...names(size).map((service) => {
            const outcome = {
              kind: "failed",
              errorKind: "build-failed",
              because: "a",
              seconds: 1,
              log: names(8),
            } as const;
            return { kind: "service-ended", service, outcome } as const;
          }),
          ...tags(size).map((tag) => ({ kind: "tag", ...tag, because: undefined }) as const),
        ];
        for (const event of events) {
          shown.emit(event);
          facts.emit(event);
        }
        shown.reporter.close();
        return summary.renderStepSummary(facts, { title: "a", lead: "b", more: [], fault: "c\n".repeat(size) });
      },
    ]),
    [
      "guides for many services",
      12,
      (size) => {
        const services = names(size).map((name) => guideFacts.guideService(name, { needs: names(4) }));
        const groups = [{ name: "default", tag: "v{version}", services: names(size) }];
        const known = guideFacts.makeGuideFacts({ services, groups, measured: guideFacts.releasedTwice });
        const place = { quickReference: "a", optimization: "b", comparison: "c" };
        return () => [
          comparison.renderComparison(known),
          optimization.renderOptimization(known),
          quickReference.renderQuickReference(known),
          readme.renderReadmeSection(known, place),
        ];
      },
    ],
    [
      "places that publish images",
      12,
      (size) => {
        const place = (event: string) => ({
          ...({
            file: "a.yml",
            line: 1,
            column: 1,
            workflow: "a.yml",
            job: event,
            step: "b",
            how: "c",
            builds: true,
          } as const),
          ...({ via: [], understood: false, because: event } as const),
          publishes: [{ event, images: [{ reference: "a.io/b", unknown: [] }], perhaps: [event] }],
        });
        return () => publishers.renderPublishers({ version: 1, publishers: names(size).map(place) }, style);
      },
    ],
    [
      "what is proven of images",
      50,
      (size) => {
        const texts = names(size);
        const signer = { kind: "key", key: digest } as const;
        const statement = { predicateType: "a", signer, signedAt: at, madeFrom: [{ name: "a", digest }] } as const;
        const statements = texts.map(() => statement);
        const proof = { service: "a", name: image, digest, isProven: false, hasSbom: true, statements };
        const images = [
          { ...proof, missing: texts, distrusted: texts },
          ...texts.map(() => ({ ...proof, statements: [], missing: [], distrusted: [] })),
        ];
        const document = { version: 1, release: "1.0.0", isProven: false, missing: texts, images } as const;
        return () => verification.renderVerification(document, style);
      },
    ],
  ];
}
