/**
 * Whether the checked-out content may use the machine's environment, files, keys and logins. Decided once a command. `because`: the reason,
 * as the beginning of a sentence ("a pull request"). `trunk`: the commit whose slipway.yaml counts; undefined: unknown, so nothing is
 * allowed.
 */
export type Trust =
  | { readonly kind: "trusted" }
  | { readonly kind: "untrusted"; readonly because: string; readonly trunk: string | undefined };
