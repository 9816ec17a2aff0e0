import { lines, list, type Row } from "../row.ts";

/** Command lines, workflow inputs and scripts that build images, as others wrote them. */
export async function invocationRows(): Promise<readonly Row[]> {
  const [csv, split, build, attestations, outputs, secrets, plugin, bake, materials] = await Promise.all([
    import("../../../src/formats/csv-fields.ts"),
    import("../../../src/invocation/split-flags.ts"),
    import("../../../src/invocation/read-build-arguments.ts"),
    import("../../../src/invocation/read-attestations.ts"),
    import("../../../src/invocation/read-outputs.ts"),
    import("../../../src/invocation/read-secret-flag.ts"),
    import("../../../src/plugin/docker-command.ts"),
    import("../../../src/action/bake/definition.ts"),
    import("../../../src/buildkit/materials.ts"),
  ]);
  const [records, handlebars, regexps, trees, versions, flavors, entries] = await Promise.all([
    import("../../../src/metadata-action/csv-records.ts"),
    import("../../../src/metadata-action/handlebars.ts"),
    import("../../../src/formats/match-regexp.ts"),
    import("../../../src/formats/regexp-tree.ts"),
    import("../../../src/metadata-action/pep440.ts"),
    import("../../../src/metadata-action/flavor.ts"),
    import("../../../src/metadata-action/tag-entries.ts"),
  ]);
  const [makefiles, source, options, docker, actions, shell, scripts, expressions, words] = await Promise.all([
    import("../../../src/publishers/parse-makefile.ts"),
    import("../../../src/publishers/source-file.ts"),
    import("../../../src/publishers/options.ts"),
    import("../../../src/publishers/docker-command.ts"),
    import("../../../src/publishers/known-actions.ts"),
    import("../../../src/workflow/adopt/shell-builds.ts"),
    import("../../../src/workflow/events/script-outputs.ts"),
    import("../../../src/workflow/adopt/expressions.ts"),
    import("../../../src/shell/expand-word.ts"),
  ]);
  const refuse = (): void => undefined;
  const [
    addresses,
    compared,
    bakeTargets,
    publishers,
    events,
    workflows,
    templates,
    json,
    compare,
    reading,
    expression,
  ] = await Promise.all([
    import("../../../src/invocation/git-address.ts"),
    import("../../../src/workflow/events/compare-events.ts"),
    import("../../../src/invocation/bake-target.ts"),
    import("../../../src/publishers/read-publishers.ts"),
    import("../../../src/workflow/events/list-events.ts"),
    import("../../../src/workflow/events/evaluate-workflow.ts"),
    import("../../../src/expressions/template.ts"),
    import("../../../src/expressions/json-values.ts"),
    import("../../../src/expressions/compare.ts"),
    import("../../../src/expressions/read-expression.ts"),
    import("../../../src/expressions/expression.ts"),
  ]);

  return [
    [
      "fields that commas separate",
      60,
      (size) => () => {
        for (const piece of ["a=b,", '"a,""b",', '"', '"a', "=", ",,", "a\n"]) {
          const text = piece.repeat(size);
          csv.splitCsv(text);
          csv.splitCsvPairs(text);
          secrets.readSecretFlag(text, {}, refuse);
          records.inputItems(text);
          records.itemFields(text);
          addresses.parseGitAddress(`https://a.test/b.git?${text}#${text}`);
        }
      },
    ],
    [
      "the arguments of a build",
      12,
      (size) => {
        const argument = (index: number): string[] => [
          "--build-arg",
          `A${index}=b`,
          `--tag=a.io/b:${index}`,
          "--label",
          `l${index}=m`,
          "--secret",
          `id=s${index}`,
          "--output",
          "type=image,push=true",
          "--attest",
          "type=sbom",
          "--cache-from",
          `type=gha,scope=${index}`,
          "--build-context",
          `c${index}=docker-image://d`,
          "--platform",
          "linux/amd64",
        ];
        const argv = [...list(size, argument).flat(), "."];
        const flags = { outputs: list(size, () => "type=image"), push: true, load: false };
        return () => {
          split.splitArguments(argv);
          build.readBuildArguments(argv, {});
          plugin.readPluginArguments(["buildx", "build", ...argv]);
          outputs.readOutputs(flags, refuse);
          attestations.readAttestations({ attest: list(size, () => "type=sbom"), provenance: "a", sbom: "b" }, refuse);
        };
      },
    ],
    [
      "bake's definition, and what a build was made of",
      12,
      (size) => {
        const targets = Object.fromEntries(
          list(size, (index) => [`t${index}`, { context: ".", tags: [`a.io/b:${index}`] }] as const),
        );
        const printed = JSON.stringify({ group: { default: { targets: Object.keys(targets) } }, target: targets });
        const all = list(size, (index) => ({ uri: `pkg:docker/a@${index}`, digest: { sha256: "a".repeat(64) } }));
        const metadata = { "buildx.build.provenance": { materials: all } };
        const args = Object.fromEntries(list(size, (index) => [`A${index}`, "b"]));
        return () => [
          bake.parseBakeDefinition(printed),
          bakeTargets.readBakeDefinition(JSON.parse(printed)),
          bakeTargets.readBakeTarget(
            "a",
            { context: ".", args, tags: list(size, (index) => `a.io/b:${index}`) },
            undefined,
          ),
          materials.readMaterials(metadata),
        ];
      },
    ],
    [
      "templates, patterns and versions of metadata-action",
      60,
      (size) => () => {
        for (const piece of ["{{a}}", "{{", "{{date 'a'}}", "}}", "{{{a}}}", "{{#if a}}b{{/if}}"]) {
          const template = handlebars.parseTemplate(piece.repeat(size));
          if (template !== undefined) handlebars.renderTemplate(template, () => "b");
        }
        for (const piece of ["a", "(a|b)", "[a-z]", "a{2}", "(", "\\d", ".*?"]) {
          trees.parseRegExp(piece.repeat(size), true);
          regexps.matchRegExp(piece, "", "a".repeat(size));
        }
        for (const piece of ["1.", "1a", "0", ".dev1", "-"]) versions.parsePythonVersion(piece.repeat(size));
        flavors.readFlavor(list(size, () => "latest=true"));
        flavors.readImages(list(size, (index) => `name=a${index}`));
        entries.readTags(list(size, (index) => `type=raw,value=${index}`));
      },
    ],
    [
      "a pattern of metadata-action that matches in many ways ends at its bound",
      12,
      (size) => () => regexps.matchRegExp("(a|a)*(a|a)*b", "", "a".repeat(1000 * size)),
    ],
    [
      "a makefile and files that publish",
      12,
      (size) => {
        const rule = (index: number): string =>
          `A${index} := $(A${Math.max(0, index - 1)})b\nt${index}: t${index + 1}\n\tdocker push $(A${index})`;
        const files = new Map([
          ["Makefile", lines(size, rule)],
          ["open", "$(".repeat(size)],
          [
            "conditions",
            lines(size, (index) => `ifdef B${index}\nC = ${index}\nelse ifeq ($(D),1)\nt${index}: C = 2\nendif`),
          ],
          ["nested", `${lines(size, () => "ifdef E")}\n${lines(size, () => "else")}`],
        ]);
        const yaml = lines(size, (index) => `k${index}: { image: a.io/b, steps: [{ run: "docker push c" }] }`);
        return () => [
          ...["Makefile", "open", "conditions", "nested"].map((file) =>
            makefiles.parseMakefile(file, (path) => files.get(path), new Map()),
          ),
          ...["a.sh", "a.yml", ".gitlab-ci.yml", "Jenkinsfile"].map((file) => source.parseSource(file, yaml)),
        ];
      },
    ],
    [
      "commands that build and push",
      12,
      (size) => {
        const args = list(size, (index) => ["--tag", `a.io/b:${index}`, `--output=type=image,name=c${index}`])
          .flat()
          .map(words.shellText);
        return () => [
          options.splitOptions(args, { switches: new Set(["--push"]) }),
          docker.readDockerCommand("docker", [words.shellText("build"), ...args]),
          docker.readCompose([words.shellText("push"), ...args]),
          docker.readKaniko(args),
          actions.parseUses(`a/b@${"c/".repeat(size)}`),
        ];
      },
    ],
    [
      "scripts of a workflow, and the outputs that they set",
      12,
      (size) => {
        const line = (index: number): string =>
          `echo "a${index}=$B" >> "$GITHUB_OUTPUT"\ndocker build -t a.io/b:${index} . && docker push a.io/b:${index}`;
        const script = lines(size, line);
        return () => [
          shell.readShellScript(script),
          scripts.readScriptOutputs(script, { env: new Map(), fill: (text: string) => text } as never),
          expressions.expressionsIn("${{ a }}".repeat(size)),
        ];
      },
    ],
    [
      "workflows that publish, with scripts and actions of the repository",
      12,
      (size) => {
        const step = (index: number): string =>
          `      - run: ./push.sh a.io/b:${index}\n      - { uses: docker/build-push-action@v6, with: { push: true, tags: "a.io/c:${index}" } }`;
        const files = new Map([
          [
            ".github/workflows/a.yml",
            `on: push\njobs:\n${lines(size, (index) => `  j${index}:\n    needs: [${index === 0 ? "" : `j${index - 1}`}]\n    steps:\n${step(index)}`)}\n`,
          ],
          ["push.sh", 'docker build -t "$1" .\ndocker push "$1"\n'],
        ]);
        const texts = { paths: new Set(files.keys()), read: (path: string) => files.get(path) };
        const facts = { repository: "acme/shop", trunk: "main" };
        const all = events.publishEvents(facts);
        return () => [
          publishers.readPublishers(texts, facts),
          all.map((event) => workflows.evaluateWorkflow(".github/workflows/a.yml", event, texts)),
        ];
      },
    ],
    [
      "values of expressions",
      60,
      (size) => {
        const data = { list: list(size, (index) => ({ [`a${index}`]: "${{ b }}" })), text: "a".repeat(size) };
        const scope = { contexts: new Map() };
        return () => {
          const value = templates.evaluateData(data, scope);
          json.renderToJson(value);
          compare.compareValues("==", value, value);
          templates.evaluateCondition("a && ".repeat(Math.min(size, 400)) + "b", scope);
          const read = reading.readExpression(`${"a || ".repeat(Math.min(size, 400))}b`);
          if (read.kind !== "fault") expression.renderExpression(read.expression);
        };
      },
    ],
    [
      "images of events, before and after",
      60,
      (size) => {
        const table = (side: string) =>
          new Map([["push", list(size, (at) => ({ reference: `${side}${at}`, perhaps: [] }))]]);
        return () => compared.renderEventComparison(compared.compareEvents(table("a"), table("b")));
      },
    ],
  ];
}
