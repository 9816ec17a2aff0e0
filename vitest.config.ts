import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts", "sandbox/**/*.test.ts"],
    exclude: ["test/e2e/**", "test/property/**", "node_modules/**"],
    testTimeout: 30_000,
  },
});
