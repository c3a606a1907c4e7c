// Seals one WeCom message with the vendor's own package, for sign.py.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

// NODE_MODULES names a folder outside the sources, which the import statement cannot reach.
const require = createRequire(`${process.env.NODE_MODULES}/`);
const { encrypt, getSignature } = require("@wecom/crypto");

const { token, key, receiver, timestamp, nonce, message } = JSON.parse(readFileSync(0, "utf8"));
const sealed = encrypt(key, message, receiver);
console.log(JSON.stringify({ sealed, signature: getSignature(token, timestamp, nonce, sealed) }));
