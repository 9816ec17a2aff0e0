import { expect, test } from "vitest";
import { isReadToPlan, namesImages } from "./definition-files.ts";

test.each([
  ["Dockerfile", true, true],
  ["a/dockerfile.dev", true, true],
  ["a/Containerfile", true, true],
  ["a/Dockerfile-web", true, true],
  ["a/api.dockerfile", true, true],
  ["a/api.Containerfile", true, true],
  ["compose.override.yml", true, true],
  ["docker-compose.yaml", true, true],
  ["docker-bake.override.hcl", true, true],
  ["skaffold.yaml", true, true],
  ["slipway.yml", true, true],
  ["a/compose.yaml", false, false],
  ["a/.dockerignore", false, true],
  ["a/Dockerfile.dockerignore", true, true],
  ["a/.gitattributes", false, true],
  [".env", false, true],
  ["a/.env", false, false],
  ["a/Dockerfile/x", false, false],
  ["my-dockerfile", false, false],
])("%s names images: %j, is read to plan: %j", (path, images, plan) => {
  expect([namesImages(path), isReadToPlan(path)]).toEqual([images, plan]);
});
