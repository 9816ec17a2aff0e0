/** Third-party actions in generated workflows, by commit. */
export const checkout = {
  repository: "actions/checkout",
  commit: "3d3c42e5aac5ba805825da76410c181273ba90b1",
  called: "v7.0.1",
} as const;

/** Action that installs Node for commands run with npx, because a runner's own Node may be too old or too new for Slipway. */
export const setupNode = {
  repository: "actions/setup-node",
  commit: "820762786026740c76f36085b0efc47a31fe5020",
  called: "v7.0.0",
} as const;
