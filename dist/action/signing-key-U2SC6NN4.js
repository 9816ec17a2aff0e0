import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);
import{readPublicKey,readSigningKey}from"./chunk-IYZVFQB3.js";import"./chunk-WMCMNHFD.js";import"./chunk-TH6VION5.js";import"./chunk-IXVPMZ7W.js";import"./chunk-5JW565QY.js";import"./chunk-RD7YYD6P.js";export{readPublicKey,readSigningKey};
