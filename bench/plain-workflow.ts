import type { BenchService } from "./repositories.ts";

/**
 * What people write by hand: a matrix of all services, each job with a checkout and `docker buildx build` with GitHub's cache as
 * Docker's documentation sets it up. What starts from another's image is a job after it.
 */
export function renderPlainWorkflow(services: readonly BenchService[]): string {
  const first = services.filter(({ needs }) => needs.length === 0);
  const second = services.filter(({ needs }) => needs.length > 0);
  return `name: plain
on:
  push:
    branches: [main]
permissions:
  contents: read
  packages: write
jobs:
${renderJob("build", first, [])}${second.length === 0 ? "" : renderJob("build-2", second, ["build"])}`;
}

function renderJob(id: string, services: readonly BenchService[], needs: readonly string[]): string {
  const legs = services.map((service) => `          - ${JSON.stringify(makeLeg(service))}\n`).join("");
  return `  ${id}:
    name: build \${{ matrix.service }}
    needs: ${JSON.stringify(needs)}
    runs-on: ubuntu-24.04
    strategy:
      fail-fast: false
      max-parallel: 1
      matrix:
        include:
${legs}    steps:
      # As actions/checkout does it: one commit, all files.
      - name: Check out
        env:
          TOKEN: \${{ github.token }}
        run: |
          header="AUTHORIZATION: basic $(printf 'x-access-token:%s' "$TOKEN" | base64 -w0)"
          git init --quiet .
          git remote add origin "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY"
          git -c http.extraheader="$header" fetch --quiet --no-tags --prune --depth=1 origin "+$GITHUB_SHA:refs/remotes/origin/main"
          git checkout --quiet --force -B main refs/remotes/origin/main
      # The fastest form of --push on the Engine's own builder.
      - name: Build and push
        run: >-
          docker buildx build --progress=plain
          --output='type=image,"name=\${{ matrix.names }}",push=true,store=false,unpack=false'
          --cache-from=type=gha,scope=\${{ matrix.service }}
          --cache-to=type=gha,scope=\${{ matrix.service }},mode=max
          \${{ matrix.arguments }}
`;
}

function makeLeg({ name, image, buildArguments }: BenchService): object {
  return { service: name, names: `${image}:main,${image}:latest`, arguments: buildArguments.map(quote).join(" ") };
}

function quote(text: string): string {
  return /^[\w./:=@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
