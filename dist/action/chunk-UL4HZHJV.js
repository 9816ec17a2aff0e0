import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);
var statementType="application/vnd.in-toto+json",bundleType="application/vnd.dev.sigstore.bundle.v0.3+json";export{statementType,bundleType};
