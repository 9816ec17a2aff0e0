/** Events of a run, as GitHub gives them to a step: variables, and the payload. */
export interface ActionEvent {
  readonly env: Readonly<Record<string, string>>;
  readonly payload: object;
}

const commit = "5f1de0a3b0a54a27c4b0c8ee0d8a8f2c5d4e3f21";
const head = "0c9f2e1d4b3a5968778695a4b3c2d1e0f9e8d7c6";

const repository = { name: "shop", full_name: "acme/shop", private: false, owner: { login: "acme" } };

const shared = {
  GITHUB_ACTIONS: "true",
  GITHUB_REPOSITORY: "acme/shop",
  GITHUB_SERVER_URL: "https://github.com",
  GITHUB_API_URL: "https://api.github.com",
  GITHUB_RUN_ID: "4711",
  GITHUB_RUN_ATTEMPT: "2",
  GITHUB_RUN_NUMBER: "12",
  GITHUB_SHA: commit,
  GITHUB_ACTOR: "octocat",
  GITHUB_WORKFLOW: "images",
  GITHUB_JOB: "build",
};

const pullRequest = {
  action: "synchronize",
  number: 7,
  pull_request: { number: 7, head: { sha: head, ref: "change", repo: { full_name: "someone/shop" } } },
  repository,
};

/** The events that the tables of facts have rows of, by name. */
export const actionEvents = {
  push: {
    env: { ...shared, GITHUB_EVENT_NAME: "push", GITHUB_REF: "refs/heads/main" },
    payload: { ref: "refs/heads/main", after: commit, repository },
  },
  "push to a private repository": {
    env: { ...shared, GITHUB_EVENT_NAME: "push", GITHUB_REF: "refs/heads/main" },
    payload: { ref: "refs/heads/main", after: commit, repository: { ...repository, private: true } },
  },
  tag: {
    env: { ...shared, GITHUB_EVENT_NAME: "push", GITHUB_REF: "refs/tags/v1.2.3" },
    payload: { ref: "refs/tags/v1.2.3", after: commit, repository },
  },
  "pull request of a fork": {
    env: { ...shared, GITHUB_EVENT_NAME: "pull_request", GITHUB_REF: "refs/pull/7/merge" },
    payload: pullRequest,
  },
  schedule: {
    env: { ...shared, GITHUB_EVENT_NAME: "schedule", GITHUB_REF: "refs/heads/main" },
    payload: { schedule: "0 3 * * *", repository },
  },
  "dispatch without a commit": {
    env: { ...shared, GITHUB_EVENT_NAME: "workflow_dispatch", GITHUB_REF: "refs/heads/dev", GITHUB_SHA: "" },
    payload: { ref: "refs/heads/dev", inputs: {}, repository },
  },
  "release on an Enterprise Server": {
    env: {
      ...shared,
      GITHUB_SERVER_URL: "https://ghe.example.com",
      GITHUB_API_URL: "https://ghe.example.com/api/v3",
      GITHUB_EVENT_NAME: "release",
      GITHUB_REF: "refs/tags/v1.2.3",
    },
    payload: { action: "published", release: { tag_name: "v1.2.3" }, repository },
  },
} as const satisfies Readonly<Record<string, ActionEvent>>;

/** Name of one of `actionEvents`. */
export type ActionEventName = keyof typeof actionEvents;
