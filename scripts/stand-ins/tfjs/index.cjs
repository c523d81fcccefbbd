// Development only: what tfjs-node and danfojs-node find as @tensorflow/tfjs, which brings 220 MB for browsers, layers and
// saved graphs. An installed pepnet never loads this: there, tfjs-node brings the whole package.
const core = require("@tensorflow/tfjs-core");
require("@tensorflow/tfjs-backend-cpu");
require("../../../dist/core/tfjs/autodiff.cjs");

/** tfjs-node derives a class for TF.js's layers from it, which nothing here uses. */
class CustomCallback {}

module.exports = { ...core, version: { "tfjs-core": core.version_core }, CustomCallback, registerCallbackConstructor() {} };
