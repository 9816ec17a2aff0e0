import { describe, expect, it } from "vitest";
import { asTextValue, renderText, type Unknown } from "../../expressions/evaluated.ts";
import { yamlText } from "../../formats/yaml-data.ts";
import type { EventStep } from "./event-job.ts";
import { evaluateWorkflow } from "./evaluate-workflow.ts";
import type { EventName } from "./event-titles.ts";
import { publishEvents } from "./list-events.ts";
import type { WorkflowFiles } from "./workflow-files.ts";

const events = publishEvents({ repository: "acme/shop", trunk: "main", commit: "0123456789abcdef" });
const main = ".github/workflows/ci.yml";

function filesOf(texts: Readonly<Record<string, string>>): WorkflowFiles {
  return { paths: new Set(Object.keys(texts)), read: (path) => texts[path] };
}

function show(runs: boolean | Unknown): string {
  return typeof runs === "boolean" ? "" : ` if ${runs.because.join(", ")}`;
}

/** What a step does: the image that it pushes, or its script. */
function act(step: EventStep): string[] {
  const script = yamlText(step.value["run"]);
  if (script !== "") return [renderText(step.fill(script)).trim()];
  if (!yamlText(step.value["uses"]).startsWith("docker/build-push-action")) return [];
  const [push, tags] = ["push", "tags"].map((name) => step.inputs.get(name) ?? asTextValue(step.fill("")));
  if (push === undefined || tags === undefined || renderText(push) === "false") return [];
  return [`${renderText(push) === "true" ? "" : `push=${renderText(push)} `}${renderText(tags).replaceAll("\n", " ")}`];
}

/** What the workflow does on an event, a line for each step that runs or may run. */
function runOn(name: EventName, texts: string | Readonly<Record<string, string>>, from = main): string[] {
  const files = filesOf(typeof texts === "string" ? { [main]: texts } : texts);
  return events
    .filter((event) => event.name === name)
    .flatMap((event) => evaluateWorkflow(from, event, files).jobs)
    .flatMap((job) =>
      job.steps.flatMap((step) =>
        step.runs === false ? [] : act(step).map((line) => `${line}${show(job.runs)}${show(step.runs)}`),
      ),
    );
}

function job(steps: string, more = ""): string {
  return `on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n${more}    steps:\n${steps.replaceAll(/^/gm, "      ")}\n`;
}

const build = (tags: string, push = "true"): string =>
  `- uses: docker/build-push-action@v6\n  with: { push: "${push}", tags: "${tags}" }`;

describe("a workflow on an event", () => {
  it("pushes where its expression says so, and does not where it does not", () => {
    const text = job(build("a:latest", "${{ github.ref == 'refs/heads/main' }}"));
    expect(runOn("trunk-push", text)).toEqual(["a:latest"]);
    expect(runOn("branch-push", text)).toEqual([]);
    expect(runOn("schedule", text)).toEqual([]);
  });

  it("does not take an unknown variable for true", () => {
    const text = job(build("a:latest", "${{ vars.PUSH == 'yes' }}"), "    if: vars.ON\n");
    expect(runOn("trunk-push", text)).toEqual(["push=‹vars.PUSH› a:latest if vars.ON"]);
  });

  it("runs the steps whose condition holds", () => {
    const text = job(
      `${build("a:edge")}\n  if: github.ref == 'refs/heads/main'\n${build("a:${{ github.ref_name }}")}\n  if: startsWith(github.ref, 'refs/tags/')`,
    );
    expect(runOn("trunk-push", text)).toEqual(["a:edge"]);
    expect(runOn("version-tag", text)).toEqual(["a:v1.2.3"]);
    expect(runOn("branch-push", text)).toEqual([]);
  });

  it("takes variables of workflow, job and step, the nearest first", () => {
    const text = `env: { A: workflow, B: workflow }\n${job('- run: echo ${{ env.A }} ${{ env.B }} ${{ env.C }}\n  env: { C: "${{ env.B }}-step" }', "    env: { B: job }\n")}`;
    expect(runOn("trunk-push", text)).toEqual(["echo workflow job job-step"]);
  });

  it("takes constant outputs and variables of scripts, and names what a shell computes", () => {
    const text = job(
      [
        '- id: a\n  run: |\n    echo "x=1" >> $GITHUB_OUTPUT\n    echo "tag=${GITHUB_REF#refs/heads/}" >> "$GITHUB_OUTPUT"\n    echo "date=$(date +%F)" >> $GITHUB_OUTPUT\n    echo "NAME=shop" >> $GITHUB_ENV',
        '- run: "${{ steps.a.outputs.x }} ${{ steps.a.outputs.tag }} ${{ steps.a.outputs.date }} ${{ env.NAME }} ${{ steps.a.outputs.other }}"',
      ].join("\n"),
    );
    expect(runOn("trunk-push", text).at(-1)).toBe("1 main ‹$(date +%F)› shop ‹steps.a.outputs.other›");
  });

  it("takes outputs that a condition of the script decides", () => {
    const script = (test: string): string =>
      `- id: a\n  run: |\n    if [ ${test} ]; then\n      echo "tag=latest" >> $GITHUB_OUTPUT\n    else\n      echo "tag=dev" >> $GITHUB_OUTPUT\n    fi\n- run: use \${{ steps.a.outputs.tag }}`;
    const known = job(script('"$GITHUB_REF_NAME" = "main"'));
    expect(runOn("trunk-push", known).at(-1)).toBe("use latest");
    expect(runOn("branch-push", known).at(-1)).toBe("use dev");
    expect(runOn("trunk-push", job(script('"$SOME" = "x"'))).at(-1)).toMatch(/^use ‹.*SOME.*›$/);
  });

  it("reads several lines, printf and the old command", () => {
    const steps = [
      '- id: a\n  run: |\n    echo "tags<<EOF" >> $GITHUB_OUTPUT\n    echo "a:1" >> $GITHUB_OUTPUT\n    echo "a:2" >> $GITHUB_OUTPUT\n    echo EOF >> $GITHUB_OUTPUT',
      "- id: b\n  run: printf 'x=%s\\n' \"$GITHUB_SHA\" >> $GITHUB_OUTPUT",
      '- id: c\n  run: echo "::set-output name=y::2"',
      "- id: d\n  run: |\n    cat >> $GITHUB_OUTPUT <<X\n    z=3\n    X",
      build("${{ steps.a.outputs.tags }}"),
      '- run: "${{ steps.b.outputs.x }} ${{ steps.c.outputs.y }} ${{ steps.d.outputs.z }}"',
    ];
    expect(runOn("trunk-push", job(steps.join("\n"))).slice(-2)).toEqual(["a:1 a:2", "0123456789abcdef 2 3"]);
  });

  it("forgets variables that a script writes in a way that is not followed", () => {
    const text = `env: { A: known }\n${job("- run: ./make-env >> $GITHUB_ENV\n- run: use ${{ env.A }} ${{ env.B }}")}`;
    expect(runOn("trunk-push", text).at(-1)).toBe("use ‹env.A› ‹env.B›");
  });

  it("has docker/metadata-action's tags, for each event", () => {
    const text = job(
      `- id: meta\n  uses: docker/metadata-action@v5\n  with:\n    images: ghcr.io/Acme/Api\n    tags: |\n      type=ref,event=branch\n      type=semver,pattern={{version}}\n      type=raw,value=edge,enable=\${{ github.ref_name == github.event.repository.default_branch }}\n      type=raw,value=rc,enable=\${{ vars.RC == 'yes' }}\n${build("${{ steps.meta.outputs.tags }}")}`,
    );
    expect(runOn("trunk-push", text)).toEqual([
      "ghcr.io/acme/api:main ghcr.io/acme/api:edge ‹ghcr.io/acme/api:rc if vars.RC›",
    ]);
    expect(runOn("version-tag", text.replace(/^.*value=rc.*\n/m, ""))).toEqual([
      "ghcr.io/acme/api:1.2.3 ghcr.io/acme/api:latest",
    ]);
  });

  it("has each job of a matrix, with what include adds and exclude takes away", () => {
    const matrix =
      "    strategy:\n      matrix:\n        a: [1, 2]\n        o: [{ n: x }, { n: y }]\n        include: [{ a: 1, extra: e }, { a: 3, o: { n: z } }]\n        exclude: [{ a: 2, o: { n: y } }]\n";
    const text = job("- run: ${{ matrix.a }} ${{ matrix.o.n }} ${{ matrix.extra }}", matrix);
    expect(runOn("trunk-push", text)).toEqual(["1 x e", "1 y e", "2 x", "3 z"]);
  });

  it("has a matrix of constants that another job makes, and names one that is made while it runs", () => {
    const made = (script: string): string =>
      `on: push\njobs:\n  build:\n    needs: list\n    strategy: { matrix: { s: "\${{ fromJSON(needs.list.outputs.s) }}" } }\n    steps: [{ run: "use \${{ matrix.s }}" }]\n  list:\n    outputs: { s: "\${{ steps.l.outputs.s }}" }\n    steps:\n      - id: l\n        run: ${script}\n`;
    expect(runOn("trunk-push", made(`echo 's=["a","b"]' >> $GITHUB_OUTPUT`)).slice(1)).toEqual(["use a", "use b"]);
    expect(runOn("trunk-push", made('echo "s=$(ls)" >> $GITHUB_OUTPUT')).slice(1)).toEqual(["use ‹matrix.s›"]);
  });

  it("skips a job when one that it needs, near or far, is skipped", () => {
    const text = (last: string): string =>
      `on: push\njobs:\n  a:\n    if: github.event_name == 'release'\n    steps: [{ run: a }]\n  b:\n    needs: a\n    if: always()\n    steps: [{ run: "b \${{ needs.a.result }}" }]\n  c:\n    needs: [b]\n${last}    steps: [{ run: c }]\n`;
    expect(runOn("trunk-push", text(""))).toEqual(["b skipped"]);
    expect(runOn("trunk-push", text("    if: always()\n"))).toEqual(["b skipped", "c"]);
    expect(runOn("trunk-push", text('    if: "!failure()"\n'))).toEqual(["b skipped", "c"]);
    expect(runOn("trunk-push", text("").replace("github.event_name == 'release'", "vars.A"))).toEqual([
      "a if vars.A",
      "b ‹vars.A›",
      "c if vars.A",
    ]);
  });

  it("leaves a skipped step's outputs empty, and those of one that may run open", () => {
    const text = (condition: string): string =>
      job(
        `- id: a\n  if: ${condition}\n  run: echo "x=1" >> $GITHUB_OUTPUT\n- run: use '\${{ steps.a.outputs.x }}' \${{ steps.a.outcome }}`,
      );
    expect(runOn("trunk-push", text("false"))).toEqual(["use '' skipped"]);
    expect(runOn("trunk-push", text("vars.A")).at(-1)).toBe("use '‹1 if vars.A›' ‹vars.A›");
  });

  it("follows a called workflow with its inputs, defaults and outputs", () => {
    const called = `on:\n  workflow_call:\n    inputs:\n      name: { type: string, required: true }\n      push: { type: boolean }\n      tag: { type: string, default: "\${{ github.ref_name }}" }\n    outputs:\n      image: { value: "\${{ jobs.build.outputs.image }}" }\njobs:\n  build:\n    outputs: { image: "ghcr.io/\${{ inputs.name }}" }\n    steps:\n      - run: build \${{ inputs.name }}:\${{ inputs.tag }} \${{ inputs.push }}\n`;
    const text = `on: push\njobs:\n  api:\n    strategy: { matrix: { n: [api, web] } }\n    uses: ./.github/workflows/image.yml\n    with: { name: "\${{ matrix.n }}" }\n  after:\n    needs: [api, one]\n    steps: [{ run: "deploy \${{ needs.one.outputs.image }}" }]\n  one:\n    uses: ./.github/workflows/image.yml\n    with: { name: one, push: true, tag: x }\n`;
    const files = { [main]: text, ".github/workflows/image.yml": called };
    expect(runOn("trunk-push", files)).toEqual([
      "build api:main false",
      "build web:main false",
      "build one:x true",
      "deploy ghcr.io/one",
    ]);
    expect(runOn("trunk-push", files, ".github/workflows/image.yml")).toEqual([]);
  });

  it("follows a local action with its inputs, defaults and outputs", () => {
    const action = `inputs:\n  name: { required: true }\n  push: { default: "false" }\noutputs:\n  tag: { value: "\${{ steps.t.outputs.tag }}" }\nruns:\n  using: composite\n  steps:\n    - id: t\n      shell: bash\n      run: echo "tag=\${{ inputs.name }}-1" >> $GITHUB_OUTPUT\n    - uses: docker/build-push-action@v6\n      with: { push: "\${{ inputs.push }}", tags: "acme/\${{ steps.t.outputs.tag }}" }\n`;
    const text = job(
      "- id: b\n  uses: ./.github/actions/build\n  with: { name: api, push: true }\n- uses: ./.github/actions/build\n  with: { name: web }\n- run: use ${{ steps.b.outputs.tag }}",
    );
    const lines = runOn("trunk-push", { [main]: text, ".github/actions/build/action.yml": action });
    expect(lines.filter((line) => !line.startsWith("echo"))).toEqual(["acme/api-1", "use api-1"]);
  });

  it("gives a fork's pull request no secrets, and names a dispatch's inputs", () => {
    const text = job(
      "- run: x\n  if: env.HAS\n- run: use ${{ inputs.tag }} ${{ github.event.inputs.tag }}\n",
      '    env: { HAS: "${{ secrets.TOKEN != \'\' }}", A: "${{ secrets.TOKEN }}" }\n',
    ).replace("on: push", "on: { pull_request: , workflow_dispatch: { inputs: { tag: { type: string } } } }");
    expect(runOn("dispatch", text).at(-1)).toBe("use ‹inputs.tag› ‹github.event.inputs.tag›");
    const secret = text.replace("if: env.HAS", "if: env.A");
    expect(runOn("pull-request", secret)).toEqual(["x if secrets.TOKEN", "use"]);
    expect(runOn("fork-pull-request", secret)).toEqual(["use"]);
  });

  it("has the folder of scripts from the step, the job or the workflow", () => {
    const text = `defaults: { run: { working-directory: all } }\n${job("- run: a\n- run: b\n  working-directory: own/${{ github.ref_name }}")}`;
    const [event] = events;
    if (event === undefined) throw new RangeError("there is no event");
    const folders = (from: string): string[] =>
      evaluateWorkflow(main, event, filesOf({ [main]: from })).jobs.flatMap(({ steps }) =>
        steps.map(({ folder }) => renderText(folder)),
      );
    expect(folders(text)).toEqual(["all", "own/main"]);
    expect(
      folders(text.replace("    steps:", "    defaults: { run: { working-directory: job } }\n    steps:")),
    ).toEqual(["job", "own/main"]);
  });

  it("ends where workflows and actions call one another in a circle", () => {
    const loop = "on: [push, workflow_call]\njobs:\n  a:\n    uses: ./.github/workflows/ci.yml\n";
    expect(runOn("trunk-push", loop)).toEqual([]);
    const action = "runs:\n  using: composite\n  steps: [{ uses: ./a }, { run: x, shell: bash }]\n";
    expect(runOn("trunk-push", { [main]: job("- uses: ./a"), "a/action.yml": action }).length).toBeLessThan(20);
  });

  it("does not start where it is not valid YAML or has no such event", () => {
    expect(runOn("trunk-push", "jobs: [")).toEqual([]);
    expect(runOn("release", job("- run: a"))).toEqual([]);
  });
});
