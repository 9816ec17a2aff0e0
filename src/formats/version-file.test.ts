import { expect, test } from "vitest";
import { readFileVersion } from "./version-file.ts";

const cargo = `[package]
name = "api" # not version = "9.9.9"
version = "1.4.0" # ours

[dependencies]
serde = { version = "1.0" }

[dependencies.tokio]
version = "1.40.0"
`;

test.each([
  ["package.json", '{"name": "shop", "version": "1.2.0"}', "1.2.0"],
  ["services/api/package.json", '{"version": "v1.2.0-beta.1"}', "1.2.0-beta.1"],
  ["VERSION", "v1.2.0\n", "1.2.0"],
  ["Cargo.toml", cargo, "1.4.0"],
  ["Cargo.toml", '[workspace]\nmembers = ["a"]\n[workspace.package]\nversion = "2.0.0"\n', "2.0.0"],
  ["pyproject.toml", "[project]\nname = 'shop'\nversion = '3.1.4'\r\n", "3.1.4"],
  ["pyproject.toml", '[ tool.poetry ]\nversion = "0.2.0"\n', "0.2.0"],
])("%s says its version", (path, text, version) => {
  expect(readFileVersion(path, text)).toEqual({ kind: "version", version });
});

test.each([
  ["package.json", '{"private": true}'],
  ["package.json", "[]"],
  ["VERSION", "\n"],
  ["Cargo.toml", '[package]\nversion.workspace = true\n[dependencies.a]\nversion = "1.0.0"\n'],
  ["Cargo.toml", '[[bin]]\nversion = "1.0.0"\n'],
  ["pyproject.toml", '[project]\ndynamic = ["version"]\n'],
])("%s without one says none: %s", (path, text) => {
  expect(readFileVersion(path, text)).toEqual({ kind: "none" });
});

test.each([
  ["package.json", "{", "it is no JSON"],
  ["package.json", '{"version": 1}', '"version" is 1'],
  ["VERSION", "latest", '"latest" is no semantic version such as 1.2.0'],
  ["pyproject.toml", '[project]\nversion = "1.0.dev0"\n', '"1.0.dev0" is no semantic version'],
])("%s with something else says what is wrong: %s", (path, text, message) => {
  const read = readFileVersion(path, text);
  expect(read.kind === "fault" ? read.message : read.kind).toContain(message);
});
