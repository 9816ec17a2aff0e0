import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);
import{require_dist}from"./chunk-SCS2D7JC.js";import"./chunk-YGOBGRLT.js";import"./chunk-RD7YYD6P.js";export default require_dist();
