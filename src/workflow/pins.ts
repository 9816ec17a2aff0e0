/** Actions of others that a generated workflow uses, by commit. */
export const checkout = {
  repository: "actions/checkout",
  commit: "3d3c42e5aac5ba805825da76410c181273ba90b1",
  called: "v7.0.1",
} as const;

/** Brings the Node that a command run with npx needs; a runner's own may be of a line that Slipway does not run on. */
export const setupNode = {
  repository: "actions/setup-node",
  commit: "820762786026740c76f36085b0efc47a31fe5020",
  called: "v7.0.0",
} as const;
