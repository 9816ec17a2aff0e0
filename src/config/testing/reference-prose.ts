/** Text before the keys. */
export const introduction = `# slipway.yaml

<!-- Made from the schema in src/config/written/written.ts by \`npx vitest run src/config -u\`. -->

The file is optional and lies at the root of the repository, as \`slipway.yaml\` or \`slipway.yml\` (\`--config FILE\` names
another). It says what the definitions that are there already (a bake file, Compose, Skaffold, Dockerfiles) cannot.
Faults are told all at once, as \`file:line:column: message\`, with exit code 2, before anything is done.

Editors check and complete it with the JSON Schema beside this page. Put this in its first line:

\`\`\`yaml
# yaml-language-server: $schema=./node_modules/slipway/docs/reference/slipway.schema.json
\`\`\`

A whole example:

\`\`\`yaml
images: ghcr.io/acme/shop/{service}
platforms: [linux/amd64, linux/arm64]
services:
  api:
    args:
      GIT_SHA: { env: GITHUB_SHA, stamp: true }
  web:
    generated: web/dist/**
    group: web
groups:
  web: { tag: "web-v{version}" }
\`\`\`

## Where services come from

1. \`slipway.yaml\`, when an entry of \`services\` has a \`context\` or a \`dockerfile\` and there is no \`from\`. Then the
   file is the list, and every entry needs one of the two.
2. What \`from\` names.
3. Otherwise the first of these that gives a service: a bake file (\`docker-bake.hcl\`, \`docker-bake.json\`), a Compose file,
   \`skaffold.yaml\`, each at the root; the Dockerfiles that git tracks.

In 2 and 3 an entry of \`services\` holds settings of a service that was found; the name of one that was not is a fault.
With \`from\`, \`context\` and \`dockerfile\` of an entry replace those that were found.

What wins: an entry of \`services\` over the top level of \`slipway.yaml\`, that over what was found, that over the default.
Maps (\`args\`, \`labels\`, \`annotations\`, \`contexts\`, \`tags\`) are merged key by key; everything else is replaced.

Paths are relative to the repository root.
`;

/** Text after the keys. */
export const discoveryProse = `## Names

A service's name is a part of image names and tags: lower case, letters and digits, single \`.\`, \`_\` or \`-\` between them.
Other names are brought into that form (\`My_Api\` is \`my_api\`); two services of one name are a fault.

Image names that are there already are kept exactly: \`tags\` of a bake target, \`image\` and \`build.tags\` of Compose,
\`image\` of a Skaffold artifact. A name without a \`/\` (\`shop-web\`) is one for the local machine; that service gets the
default name. Tags are recognised where one holds a whole version: \`1.2.3-alpine\`, \`1.2-alpine\`, \`alpine\` become
\`{version}-alpine\`, \`{major}.{minor}-alpine\`, \`alpine\`.

The default of \`releases\`: the common part of the first image names, and \`/releases\`. Where that is only the owner
on ghcr.io, docker.io or quay.io, it is \`<owner>/<repository>-releases\`, so that an owner's repositories stay apart.

## Needs

A service needs another when it is in its \`needs\`, is one of its \`contexts\`, or when its Dockerfile names the other's
image in \`FROM\`, \`COPY --from\` or \`RUN --mount=from\`: \`FROM ghcr.io/acme/shop/base\`, with no tag or one such as
\`latest\`. A digest or a version's tag (\`:1.2\`, \`:v3\`) means an image that was published before. A circle is a fault.
\`depends_on\` of Compose is about running and says nothing here.

## Build args

An arg whose name or value looks like a secret (\`NPM_TOKEN\`, \`ghp_…\`, a private key) is refused, since args are kept in
the image's history and in provenance. Use \`secrets\` and \`RUN --mount=type=secret\`; or, if it is not a secret, say why:
\`TOKEN_ISSUER: { value: shop, allow: "the issuer's public name" }\`. An empty value is no secret.

An arg that changes with every commit (\`GIT_SHA\`, \`BUILD_DATE\`) would build the image every time, and the plan warns of
it. With \`stamp: true\` it is baked in when a build happens and is never the reason for one. Marking an arg that a bake or
Compose file sets is enough: \`GIT_SHA: { stamp: true }\`.

## Beyond the repository

Definitions read nothing outside of the repository, also not through links, and nothing of git's own folder: what leads there is a
fault. A secret's file, the ssh agent and the builder's network (\`network: host\`) are a matter of \`slipway.yaml\`: its own
\`secrets\`, \`ssh\` and \`network\` count as they are written, and a bake, Compose or Skaffold file gets what \`allow\` says. Git
contexts are fetched over \`https\`, \`http\`, \`ssh\` and \`git\` only.

Variables of the environment or of a \`.env\` file that look like credentials (by name or value, as below) are not given to these
files: a registry that a stranger's file names would learn them by the name that is looked up. Where one is none, let
\`slipway.yaml\` set the arg: \`{ env: NAME, allow: "why it is not a secret" }\`.

A pull request is planned by trunk's \`slipway.yaml\`; docs/threat-model.md says what it sees.

## Dockerfiles

Without another definition, every file that git tracks as \`Dockerfile\`, \`NAME.Dockerfile\` or \`Dockerfile.NAME\` (or the
same with \`Containerfile\`) is a service, save those that are not for release. \`slipway services\` lists them with the reason:

- in a folder for tests, examples, fixtures, others' code, development containers, documentation, benchmarks, templates or
  the repository's own tooling (\`test\`, \`examples\`, \`fixtures\`, \`vendor\`, \`node_modules\`, \`.devcontainer\`, \`docs\`, \`bench\`,
  \`templates\`, \`.github\`, \`hack\` and the like);
- with a name that says it is for development, tests, another architecture or system, a template, or no Dockerfile
  (\`Dockerfile.dev\`, \`Dockerfile.test\`, \`Dockerfile.arm64\`, \`Dockerfile.windows\`, \`Dockerfile.j2\`, \`Dockerfile.md\`);
- under \`ignore\`.

It is called after the nearest folder whose name means something: \`cart/src/Dockerfile\` is \`cart\`, since \`src\`, \`app\`,
\`docker\`, \`build\`, \`deploy\`, \`container\`, \`services\` and the like mean nothing. The \`Dockerfile\` at the root has the
repository's name. \`docker/api.Dockerfile\` and \`docker/Dockerfile.api\` are \`api\`, \`cart/Dockerfile.migrate\` is
\`cart-migrate\`. Where two would have one name, both get the folder around it in front (\`shop-api\`, \`admin-api\`), with a warning.

Its context is its own folder. Where its \`COPY\` sources are not there, it is the folder around it, up to the root, in
which most of them are: a Dockerfile with \`COPY api/package.json .\` in \`api/\` has the root as its context.

## Compose

Services with a \`build:\`, from \`compose.yaml\`, \`compose.yml\`, \`docker-compose.yaml\` or \`docker-compose.yml\`, with its
override file where git tracks that. Variables with defaults, \`.env\`, \`include\`, \`extends\`, anchors, merge keys, \`!reset\`
and \`!override\` are understood; variables are filled in only where a build reads them. Services of a profile that is
not on (\`COMPOSE_PROFILES\`) are left out, unless another is built from them. A service that Slipway cannot build
(\`dockerfile_inline\`, a remote context) is left out with a warning; where no other is left, the file is refused.

## Bake

\`docker buildx bake --print\` reads the files, so variables, functions, \`inherits\` and \`matrix\` are bake's own; this is
the one source that needs \`docker buildx\` to plan. Services are the targets of the group \`default\`; where there is none,
the targets that have tags. A target without tags that these use as a named context (\`target:base\`) is a service with no
visible tags: it is built and reused like the others. \`bakeTargets\` names other groups and targets. bake also reads the Compose files of the root; a
file that one of them names must lie in the repository, and its name must be written out.

## Skaffold

Artifacts of \`build.artifacts\` with a Dockerfile (\`docker\`, \`kaniko\`, or nothing said), also of the files it \`requires\`.
\`requires\` of an artifact is a need, and its \`alias\` a build arg that names the other's image. Profiles are not looked
at; artifacts of other builders are left out.
`;
