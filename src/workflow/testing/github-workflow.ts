import * as z from "zod";

const permission = z.enum(["read", "write", "none"]);
const step = z
  .strictObject({
    id: z.string().optional(),
    name: z.string().optional(),
    if: z.string().optional(),
    uses: z
      .string()
      .regex(/^(?:[\w.-]+\/[\w./-]+@[\w./-]+|\.\/.*)$/)
      .optional(),
    run: z.string().optional(),
    with: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
    env: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
    shell: z.string().optional(),
    "working-directory": z.string().optional(),
  })
  .refine(({ uses, run }) => (uses === undefined) !== (run === undefined), "either uses or run");

const job = z.strictObject({
  name: z.string().optional(),
  needs: z.union([z.string(), z.array(z.string())]).optional(),
  if: z.string().optional(),
  "runs-on": z.union([z.string(), z.array(z.string()).min(1)]),
  "timeout-minutes": z.number().int().positive().optional(),
  environment: z.union([z.string(), z.strictObject({ name: z.string(), url: z.string().optional() })]).optional(),
  permissions: z.record(z.string(), permission).optional(),
  concurrency: z
    .strictObject({ group: z.string(), "cancel-in-progress": z.union([z.boolean(), z.string()]) })
    .optional(),
  strategy: z
    .strictObject({
      "fail-fast": z.boolean(),
      "max-parallel": z.number().int().positive().optional(),
      matrix: z.strictObject({ include: z.string() }),
    })
    .optional(),
  outputs: z.record(z.string(), z.string()).optional(),
  env: z.record(z.string(), z.string()).optional(),
  services: z.record(z.string(), z.unknown()).optional(),
  steps: z.array(step).min(1),
});

/** Subset of GitHub's workflow syntax that a generated workflow may use. Source: docs.github.com, "Workflow syntax for GitHub Actions". */
export const githubWorkflow = z
  .strictObject({
    name: z.string(),
    on: z.record(z.string(), z.union([z.null(), z.record(z.string(), z.unknown()), z.array(z.unknown())])),
    permissions: z.strictObject({}),
    env: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
    defaults: z.record(z.string(), z.unknown()).optional(),
    jobs: z.record(z.string().regex(/^[A-Za-z_][\w-]*$/), job),
  })
  .superRefine(({ jobs }, context) => {
    for (const [id, { needs = [] }] of Object.entries(jobs)) {
      for (const need of typeof needs === "string" ? [needs] : needs) {
        if (jobs[need] === undefined) context.addIssue(`job ${id} needs ${need}, which is not there`);
      }
    }
  });

export type GithubWorkflow = z.infer<typeof githubWorkflow>;
