import { lines, list, type Row } from "../row.ts";

/** Texts of registries, of BuildKit, of a shell, of people; and what images are made from. */
export async function textRows(): Promise<readonly Row[]> {
  const [challenge, scope, endpoint, content, fault, referrers, digests, reference, docker] = await Promise.all([
    import("../../../src/registry/challenge.ts"),
    import("../../../src/registry/scope.ts"),
    import("../../../src/registry/endpoint.ts"),
    import("../../../src/registry/content.ts"),
    import("../../../src/registry/fault.ts"),
    import("../../../src/registry/referrers.ts"),
    import("../../../src/model/digest.ts"),
    import("../../../src/model/reference.ts"),
    import("../../../src/formats/docker-config.ts"),
  ]);
  const [markdown, plain, terminal, addresses, commands, versions, trims, closest, links, width] = await Promise.all([
    import("../../../src/formats/markdown.ts"),
    import("../../../src/formats/plain-text.ts"),
    import("../../../src/formats/terminal-text.ts"),
    import("../../../src/formats/address.ts"),
    import("../../../src/formats/workflow-command.ts"),
    import("../../../src/formats/version-file.ts"),
    import("../../../src/formats/trim.ts"),
    import("../../../src/model/closest.ts"),
    import("../../../src/notes/source-links.ts"),
    import("../../../src/report/text.ts"),
  ]);
  const [status, failure, caches, redact, metadata, builder, progress] = await Promise.all([
    import("../../../src/buildkit/solve-status.ts"),
    import("../../../src/buildkit/failure.ts"),
    import("../../../src/buildkit/cache-fault.ts"),
    import("../../../src/buildkit/redact.ts"),
    import("../../../src/buildkit/metadata.ts"),
    import("../../../src/buildkit/builder.ts"),
    import("../../../src/buildkit/progress.ts"),
  ]);
  const [shell, words, follow, glob, tokens, templates, filters, diff, differences, paths, tree] = await Promise.all([
    import("../../../src/shell/parse-script.ts"),
    import("../../../src/shell/expand-word.ts"),
    import("../../../src/shell/follow-script.ts"),
    import("../../../src/shell/glob.ts"),
    import("../../../src/expressions/read-expression.ts"),
    import("../../../src/expressions/template.ts"),
    import("../../../src/workflow/events/filter-pattern.ts"),
    import("../../../src/inputs/diff.ts"),
    import("../../../src/images/content-differences.ts"),
    import("../../../src/inputs/resolve-path.ts"),
    import("../../../src/images/service-index.ts"),
  ]);
  const same = await import("../../../src/images/same-content.ts");
  const digest = digests.digestOf("a");
  const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
  const descriptor = { mediaType: "a", digest, size: 1 };

  return [
    [
      "headers of a registry",
      60,
      (size) => () => [
        challenge.parseChallenges(
          list(size, (index) => `Bearer realm="https://a.test",service="a${index}"`).join(", "),
        ),
        challenge.parseChallenges(`Bearer realm="${'\\"'.repeat(size)}`),
        challenge.parseChallenges(`${",".repeat(size)}${"a=".repeat(size)}${" ".repeat(size)}Basic`),
        scope.parseScopes(list(size, (index) => `repository:a${index}:pull,push`).join(" ")),
        fault.parseRetryAfter(" ".repeat(size), 0),
        fault.statusFault(
          429,
          JSON.stringify({ errors: list(size, () => ({ code: "A", message: "b" })) }),
          () => null,
          0,
        ),
        fault.statusFault(500, "<a".repeat(size), () => null, 0),
      ],
    ],
    [
      "manifests, indexes and configurations of images",
      60,
      (size) => {
        const all = list(size, () => ({ ...descriptor, platform: { os: "linux", architecture: "amd64" } }));
        const index = bytes({ schemaVersion: 2, manifests: all });
        const manifest = bytes({ schemaVersion: 2, config: descriptor, layers: all, subject: descriptor });
        const environment = list(size, (each) => `A${each}=b`);
        const config = bytes({
          architecture: "a",
          os: "b",
          rootfs: { diff_ids: environment },
          config: { Env: environment, Labels: Object.fromEntries(environment.map((each) => [each, each])) },
          history: environment.map((created_by) => ({ created_by })),
        });
        return () => {
          content.readContent(index);
          content.parseIndex(index);
          content.parseManifest(manifest);
          const parsed = content.parseImageConfig(config);
          if (parsed !== undefined) differences.configDifferences(parsed, { ...parsed, architecture: "c" });
          if (parsed !== undefined) {
            const image = { manifest: { schemaVersion: 2, config: descriptor, layers: all }, config: parsed } as never;
            differences.differingLayers(image, image);
            same.sameContent(image, image);
          }
          const files = new Map(environment.map((each) => [each, each]));
          differences.differingPaths(files, new Map(environment.map((each) => [`${each}a`, each])));
          referrers.readReferrer({ bytes: manifest, mediaType: "a" });
          tree.platformChildren(
            { bytes: index, digest, mediaType: "application/vnd.oci.image.index.v1+json" },
            "linux/amd64" as never,
          );
        };
      },
    ],
    [
      "names of images, mirrors, logins and addresses",
      60,
      (size) => () => [
        reference.parseReference(`${"a/".repeat(size)}b:c`),
        reference.parseImageName(`a.test:5000/${"a-".repeat(size)}`),
        digests.parseDigest(`sha256:${"a".repeat(size)}`),
        endpoint.parseMirrors(list(size, (index) => `a${index}.test=https://b.test/${index}`).join(",")),
        docker.parseDockerConfig(
          JSON.stringify({ auths: Object.fromEntries(list(size, (index) => [`a${index}.test`, {}])) }),
        ),
        addresses.parseRemote(`https://${"a@".repeat(size)}b.test/${"c/".repeat(size)}`),
        addresses.redactAddresses("https://a:b@c.test ".repeat(size)),
        addresses.redactUserInfo(`https://${"a@".repeat(size)}`, "***"),
        links.parseSourceLinks(`https://github.com/${"a/".repeat(size)}`),
      ],
    ],
    [
      "texts that are made harmless",
      60,
      (size) => () => {
        for (const piece of [
          "`",
          "``a",
          "|\\",
          "@a",
          "https://",
          "www.",
          "<!--",
          "\u001b[31m",
          "\u001b]0;",
          "%0A::error::",
          "##[",
          "- ",
          "1. ",
          "尺",
          "\n ",
        ]) {
          const text = piece.repeat(size);
          markdown.escapeMarkdown(text);
          markdown.codeSpan(text);
          markdown.codeBlock([text, text]);
          markdown.mermaidText(text);
          plain.printable(text);
          plain.printableLines(text);
          plain.renderJson({ text });
          terminal.cleanLine(text);
          commands.inert(text);
          width.truncate(text, size);
          trims.trimOf(text, "`");
          closest.closestName(text, ["a", "b"]);
        }
      },
    ],
    [
      "files that hold a version",
      60,
      (size) => () =>
        [
          `{"version":"${"1.".repeat(size)}"}`,
          `version = "${"1".repeat(size)}"\n`.repeat(size > 100 ? 2 : 1),
          "[package]\n".repeat(size),
          "<version>".repeat(size),
        ].map((text) =>
          ["package.json", "Cargo.toml", "pom.xml", "VERSION"].map((path) => {
            try {
              return versions.readFileVersion(path, text);
            } catch (error) {
              return error;
            }
          }),
        ),
    ],
    [
      "what BuildKit says of a build",
      12,
      (size) => {
        const vertex = (index: number) => ({
          digest: `d${index}`,
          name: `[${index}/9] RUN a`,
          started: "2026-01-01T00:00:00Z",
          completed: "2026-01-01T00:00:01Z",
        });
        const log = (index: number) => ({
          vertex: `d${index}`,
          stream: 1,
          data: Buffer.from("a\r".repeat(8)).toString("base64"),
        });
        const line = JSON.stringify({
          vertexes: list(size, vertex),
          logs: list(size, log),
          statuses: list(size, (index) => ({ vertex: `d${index}`, id: "sha256:a", total: 1 })),
          warnings: list(size, () => ({ short: "YQ==", range: [{ start: { line: 1 } }] })),
        });
        const text = [
          "ERROR: failed to solve: https://a.test/?b: 403 Forbidden",
          "a".repeat(size),
          "-".repeat(size),
          "Dockerfile:1",
        ];
        const facts = {
          vertex: { name: `[${"a".repeat(size)}] RUN ${"--a ".repeat(size)}`, error: "https://".repeat(size) },
          log: text,
          plain: list(size, () => text[0] ?? ""),
          exitCode: 1,
        };
        const options = {
          solve: { service: "a", platform: "linux/amd64" as never },
          dockerfile: "Dockerfile",
          cacheFrom: [],
          cacheTo: [],
          redact: redact.makeRedact(["secret"]),
        };
        return () => {
          status.parseSolveStatus(line);
          failure.explainFailure(facts);
          caches.findCacheFault(facts, []);
          metadata.parseMetadata(JSON.stringify({ a: text.join("") }));
          builder.parseBuilder(
            lines(size, (index) => `Name: a${index}\nDriver: b\nPlatforms: linux/amd64*, linux/arm64`),
          );
          const reading = progress.makeProgress(options);
          for (const each of list(size, () => line.slice(0, 2000))) reading.read(each);
          for (const each of list(size, (index) => JSON.stringify({ vertexes: [vertex(index)], logs: [log(index)] })))
            reading.read(each);
          reading.finish();
          reading.counts();
          options.redact("secret ".repeat(size));
        };
      },
    ],
    [
      "a script of many commands, quotes and conditions",
      12,
      (size) => () =>
        [
          `A=b; echo "$A" 'c' $(d "$(e)") | f && g || h\n`,
          "if a; then b; fi\n",
          "(",
          "$(",
          "${A:-",
          '"',
          "for a in b; do c; done\n",
          "a() { b; }\n",
          "a <<B\nc\nB\n",
          "\\",
          "`",
        ].map((piece) => {
          const text = piece.repeat(size);
          const nodes = shell.parseScript(text);
          return follow.followScript(nodes, text, { variables: new Map(), evaluate: () => undefined } as never);
        }),
    ],
    [
      "patterns of a shell and of a workflow",
      60,
      (size) => () => {
        const text = "a".repeat(size);
        for (const pattern of ["*a*a*b", "?*?*b", "**/a/**", "a+b", "[ab]+c"]) {
          glob.matchesGlob(text, pattern);
          filters.matchesFilter(pattern, text);
          filters.matchesFilter(pattern.repeat(Math.ceil(size / 8)), "aaaa");
        }
        words.shellText(text);
      },
    ],
    [
      "expressions of a workflow",
      12,
      (size) => () =>
        ["a.b[0] && ", "(", "!", "'a''", "format('{0}', ", "${{ a }}", "${{ '", "${{ "].map((piece) => {
          const text = piece.repeat(size);
          const scope = { contexts: new Map(), functions: new Map() };
          return [tokens.readExpression(text), templates.templateParts(text), templates.evaluateTemplate(text, scope)];
        }),
    ],
    [
      "inputs that differ everywhere",
      60,
      (size) => {
        const made = (value: string) => ({
          service: "a",
          platform: "linux/amd64" as never,
          fingerprint: digest,
          volatile: null,
          settings: { algorithm: "2", context: "." },
          files: list(size, (index) => ({ path: `a${index}`, mode: "100644" as const, digest: value })),
          args: Object.fromEntries(list(size, (index) => [`A${index}`, value])),
          bases: list(size, (index) => ({ reference: `a${index}`, digest: value as never })),
          contexts: list(size, (index) => ({ name: `c${index}`, kind: "folder" as const, of: "a", digest: value })),
          instructions: list(size, (index) => `RUN ${index} ${value}`),
        });
        return () => diff.diffInputs(made("b"), made("c"));
      },
    ],
    [
      "a path of many parts and links",
      12,
      (size) => {
        const target = Buffer.from("a/../".repeat(size));
        const tree = {
          kindOf: (path: string) => (path === "l" ? "link" : "folder"),
          read: () => Promise.resolve(target),
        };
        const place = { tree: tree as never, root: ".", above: "root" } as const;
        return () => [paths.resolvePath(place, "a/../".repeat(size)), paths.resolvePath(place, `l/${"a/".repeat(4)}`)];
      },
    ],
  ];
}
