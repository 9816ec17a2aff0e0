import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);
import{require_lib}from"./chunk-S7ZBQFIS.js";import"./chunk-RD7YYD6P.js";export default require_lib();
