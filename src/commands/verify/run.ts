export { verifyReleased as run } from "../../core/attesting/verify-command.ts";
export { renderVerification as render } from "../../report/render-verification.ts";
