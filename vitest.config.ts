import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const engineTests = ["test/e2e/**/*.test.ts", "test/property/**/*.test.ts", "test/act/**/*.test.ts"];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["src/**/*.test.ts", "test/**/*.test.ts", "sandbox/**/*.test.ts"],
          exclude: [...engineTests, "node_modules/**"],
          testTimeout: 60_000,
          // Vitest leaves one processor free, which on two of them means that one file runs at a time.
          maxWorkers: availableParallelism(),
        },
      },
      {
        test: {
          name: "e2e",
          include: engineTests,
          globalSetup: ["test/e2e/global-setup.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
