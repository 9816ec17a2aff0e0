/** Actions of others that a generated workflow uses, by commit. */
export const checkout = {
  repository: "actions/checkout",
  commit: "3d3c42e5aac5ba805825da76410c181273ba90b1",
  called: "v7.0.1",
} as const;
