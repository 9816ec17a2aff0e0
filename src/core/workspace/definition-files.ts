/** More than a large repository has; a vendored tree may have more, and reading them all would cost more than it saves. */
export const mostDefinitions = 2000;

const dockerfile = /(?:^|\/)(?:(?:docker|container)file(?:\.[^/]+)?|[^/]+\.(?:docker|container)file)$/i;
const definition = /^(?:(?:slipway|(?:docker-)?compose[^/]*|skaffold[^/]*)\.ya?ml|docker-bake[^/]*)$/i;
const settings = /(?:^|\/)(?:[^/]*\.dockerignore|\.gitattributes)$|^\.env$/i;

/** Whether a path of the repository is that of a Dockerfile or a definition: files that name images. */
export function namesImages(path: string): boolean {
  return dockerfile.test(path) || definition.test(path);
}

/** Whether planning reads a file's content: a partial clone brings those in one request, not one after another. */
export function isReadToPlan(path: string): boolean {
  return namesImages(path) || settings.test(path);
}
