/**
 * Whether what is checked out may use what the machine has: its environment, files, keys and logins. Decided once a command.
 * `because` tells a person why not, as the beginning of a sentence ("a pull request"). `trunk`: the commit whose slipway.yaml counts;
 * undefined: none is known, and nothing is allowed.
 */
export type Trust =
  | { readonly kind: "trusted" }
  | { readonly kind: "untrusted"; readonly because: string; readonly trunk: string | undefined };
