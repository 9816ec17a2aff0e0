import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);
import{require_lib}from"./chunk-5K2RZML3.js";import"./chunk-RHZD4E6G.js";export default require_lib();
