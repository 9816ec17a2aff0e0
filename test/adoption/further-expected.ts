/** Effects of workflows, written by hand from GitHub's and Docker's documentation before Slipway read them. */
export interface ExpectedWorkflow {
  /** Steps that publish, and what they become. `left`: its build stays as it is, with a reason; `no build`: it moves tags. */
  readonly steps: readonly { readonly step: string; readonly becomes: "build-push" | "setup" | "left" | "no build" }[];
  /** Images by event; `‹…›` stands for what only a run knows, `if …` for a condition of which only a run knows whether it holds. */
  readonly published: Readonly<Record<string, readonly string[]>>;
}

const both = (images: readonly string[]): Readonly<Record<string, readonly string[]>> => ({
  "version tag": images.map((image) => image.replace("VERSION", "1.2.3")),
  "pre-release tag": images.map((image) => image.replace("VERSION", "1.3.0-rc.1")),
});

const clusterpedia = ["server", "manager"].flatMap((name) => [
  `ghcr.io/acme/shop/${name}-amd64:‹…›`,
  `ghcr.io/acme/shop/${name}-arm64:‹…›`,
  `ghcr.io/acme/shop/${name}:‹…›`,
]);

const k6Main = [
  "acme/shop:main",
  "ghcr.io/acme/shop:main",
  "acme/shop:main-with-browser",
  "ghcr.io/acme/shop:main-with-browser",
  "acmeold/shop:main",
];

const trinity = ["backend", "frontend", "mcp-server"].map((name) => `ghcr.io/acme/shop-${name}`);

/**
 * Twelve workflows. The repository is `acme/shop`, its default branch `main`, its tags `v1.2.3` and `v1.3.0-rc.1`. A branch or tag that only a filter
 * of the workflow takes stands under its own name.
 */
export const expectedWorkflows: Readonly<Record<string, ExpectedWorkflow>> = {
  archivematica: {
    steps: [{ step: "Image of ${{ matrix.component }}", becomes: "build-push" }],
    published: {
      dispatch: ["acme/shop-dashboard:latest", "acme/shop-client:latest", "acme/shop-server:latest"],
    },
  },
  "flux-operator": {
    steps: [{ step: "Image", becomes: "build-push" }],
    published: {
      dispatch: ["ghcr.io/acme/shop-cli:‹…›", "ghcr.io/acme/shop-mcp:‹…›"],
      // The name of the repository is in every payload.
      workflow_run: ["ghcr.io/acme/shop-cli:‹…›", "ghcr.io/acme/shop-mcp:‹…›"],
    },
  },
  clusterpedia: {
    // The two recipes push; the workflow's step that runs make is what changes.
    steps: [{ step: "Images", becomes: "setup" }],
    published: {
      "push to trunk": clusterpedia,
      "version tag": clusterpedia,
      "pre-release tag": clusterpedia,
    },
  },
  OpenMU: {
    steps: [{ step: "Image", becomes: "build-push" }],
    published: {
      "version tag": ["shop", "shop-admin", "shop-chat"].flatMap((name) => [
        `acme/${name}:1.2.3`,
        `acme/${name}:latest`,
      ]),
      "pre-release tag": ["shop", "shop-admin", "shop-chat"].map((name) => `acme/${name}:1.3.0-rc.1`),
    },
  },
  mlflow: {
    steps: [
      { step: "Tracker", becomes: "build-push" },
      // Another program builds the image that this loop pushes.
      { step: "Push of the model server", becomes: "left" },
    ],
    published: {
      "published release": [
        "ghcr.io/acme/tracker:v1.2.3",
        "ghcr.io/acme/tracker:latest",
        "ghcr.io/acme/model-server:v1.2.3",
        "ghcr.io/acme/model-server:latest",
      ],
      // The release's tag, by the same example.
      "release (edited)": [
        "ghcr.io/acme/tracker:v1.2.3",
        "ghcr.io/acme/tracker:latest",
        "ghcr.io/acme/model-server:v1.2.3",
        "ghcr.io/acme/model-server:latest",
      ],
    },
  },
  aider: {
    steps: [
      { step: "Image", becomes: "build-push" },
      { step: "Full image", becomes: "build-push" },
    ],
    published: {
      dispatch: ["‹…›/shop:main", "‹…›/shop:latest", "‹…›/shop-full:main", "‹…›/shop-full:latest"],
      "version tag": ["‹…›/shop:v1.2.3", "‹…›/shop:latest", "‹…›/shop-full:v1.2.3", "‹…›/shop-full:latest"],
    },
  },
  AFLplusplus: {
    steps: [{ step: "Push", becomes: "build-push" }],
    published: {
      "push to stable": ["docker.io/acme/shop:stable", "docker.io/acme/shop:latest"],
      "push to dev": ["docker.io/acme/shop:dev"],
      "version tag": ["docker.io/acme/shop:v1.2.3"],
      "pre-release tag": ["docker.io/acme/shop:v1.3.0-rc.1"],
    },
  },
  "jkube-images": {
    // Another program builds.
    steps: [{ step: "Push of ${{ matrix.image }}", becomes: "left" }],
    published: both(["quay.io/acme/java-s2i:VERSION"]),
  },
  trinity: {
    steps: [
      { step: "${{ matrix.image }} of ${{ needs.resolve.outputs.tag }}", becomes: "build-push" },
      { step: "Latest of all", becomes: "no build" },
    ],
    published: {
      "version tag": [...trinity.map((name) => `${name}:v1.2.3`), ...trinity.map((name) => `${name}:latest`)],
      "pre-release tag": [...trinity.map((name) => `${name}:v1.3.0-rc.1`), ...trinity.map((name) => `${name}:latest`)],
      dispatch: [...trinity.map((name) => `${name}:‹…›`), ...trinity.map((name) => `${name}:latest if …`)],
    },
  },
  Acala: {
    steps: [{ step: "Image", becomes: "build-push" }],
    published: {
      "pull request": [
        "ghcr.io/acme/acala-node:‹…›-merge",
        "ghcr.io/acme/acala-node:pr-‹…›",
        "ghcr.io/acme/acala-node:sha-‹…›",
      ],
      // The token of such a run cannot write packages; the workflow does not know.
      "pull request of a fork": [
        "ghcr.io/acme/acala-node:‹…›-merge",
        "ghcr.io/acme/acala-node:pr-‹…›",
        "ghcr.io/acme/acala-node:sha-‹…›",
      ],
    },
  },
  zync: {
    // Buildah is not Docker. The place is the step that builds.
    steps: [{ step: "Image", becomes: "left" }],
    published: {
      "push to trunk": ["quay.io/acme/shop:latest", "quay.io/acme/shop:nightly"],
      "push to shop-[0-9]+.[0-9]+-stable": ["quay.io/acme/shop:shop-1.2-stable"],
      "tag shop-[0-9]+.[0-9]+.[0-9]+-GA": ["quay.io/acme/shop:shop-1.2.3-GA", "quay.io/acme/shop:latest"],
      dispatch: ["quay.io/acme/shop:latest", "quay.io/acme/shop:nightly", "quay.io/acme/shop:‹…›"],
    },
  },
  k6: {
    steps: [
      { step: "Images of the branch", becomes: "setup" },
      { step: "Images of a version", becomes: "setup" },
    ],
    published: {
      "push to trunk": k6Main,
      dispatch: k6Main,
      "version tag": [
        "acme/shop:1.2.3",
        "ghcr.io/acme/shop:1.2.3",
        "acmeold/shop:1.2.3",
        "acme/shop:latest",
        "ghcr.io/acme/shop:latest",
        "acmeold/shop:latest",
      ],
      "pre-release tag": ["acme/shop:1.3.0-rc.1", "ghcr.io/acme/shop:1.3.0-rc.1", "acmeold/shop:1.3.0-rc.1"],
    },
  },
};
