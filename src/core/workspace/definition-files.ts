/** Upper limit of files to read ahead. A vendored tree may have more; reading all of them would cost more than it saves. */
export const mostDefinitions = 2000;

const dockerfile = /(?:^|\/)(?:(?:docker|container)file(?:[._-][^/]+)?|[^/]+\.(?:docker|container)file)$/i;
const definition = /^(?:(?:slipway|(?:docker-)?compose[^/]*|skaffold[^/]*)\.ya?ml|docker-bake[^/]*)$/i;
const settings = /(?:^|\/)(?:[^/]*\.dockerignore|\.gitattributes)$|^\.env$/i;

/** Whether a path is that of a Dockerfile or a definition, which can name images. */
export function namesImages(path: string): boolean {
  return dockerfile.test(path) || definition.test(path);
}

/** Whether planning reads a file's content. A partial clone fetches all such files in one request. */
export function isReadToPlan(path: string): boolean {
  return namesImages(path) || settings.test(path);
}
