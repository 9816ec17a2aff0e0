import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);
import{readPublicKey,readSigningKey}from"./chunk-AAGV6U3D.js";import"./chunk-WMCMNHFD.js";import"./chunk-X6ZX5KKN.js";import"./chunk-IXVPMZ7W.js";import"./chunk-5JW565QY.js";import"./chunk-RD7YYD6P.js";export{readPublicKey,readSigningKey};
