/** A repository with a definition of images, and the environment that it is read in. */
export interface Definition {
  /** Path → text. */
  readonly files: Readonly<Record<string, string>>;
  /** Files for `docker buildx bake`; none: it finds them itself. */
  readonly bakeFiles: readonly string[];
  /** Targets to print; none: the group `default`. */
  readonly targets: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Services of a profile that is off. */
  readonly off: readonly string[];
  /** The variable that holds the release's version. */
  readonly versionVariable: string;
}

/** One image as both sides say it, in one form. */
export interface Image {
  readonly context: string;
  readonly dockerfile: string;
  readonly target: string;
  readonly args: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly contexts: Readonly<Record<string, string>>;
  readonly platforms: readonly string[];
  readonly secrets: readonly string[];
  readonly settings: Readonly<Record<string, readonly string[]>>;
}

/** The folders and Dockerfiles that every definition may build from. */
export const sourceFiles: Readonly<Record<string, string>> = {
  Dockerfile: "FROM scratch\n",
  "Other.Dockerfile": "FROM scratch\n",
  "a/Dockerfile": "FROM scratch\n",
  "a/Other.Dockerfile": "FROM scratch\n",
  "b/c/Dockerfile": "FROM scratch\n",
  "b/c/Other.Dockerfile": "FROM scratch\n",
  "inc/Dockerfile": "FROM scratch\n",
  "lib/x": "x\n",
};
