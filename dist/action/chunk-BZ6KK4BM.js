import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);
function asFields(value){return typeof value=="object"&&value!==null&&!Array.isArray(value)?{...value}:{}}function textOf(fields,name){let value=fields[name];return typeof value=="string"?value:""}export{asFields,textOf};
