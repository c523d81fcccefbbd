// `npm run packages`: writes docs/packages.md, the packages that `npm install pepnet` brings, with size, licence and reason.
import { lstatSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "./setup.mjs";

/** Why each direct dependency is there. */
export const reasons = {
  "@duckdb/node-api": "CSV and Parquet, and the verbs of data sets",
  "@napi-rs/canvas": "measures the text of charts, for their pictures",
  "@resvg/resvg-js": "draws the pictures of charts",
  "@tensorflow/tfjs-backend-cpu": "the engine `cpu`",
  "@tensorflow/tfjs-backend-wasm": "the engine `wasm`",
  "@tensorflow/tfjs-core": "the model's language, and layers of your own",
  "@types/node": "types of Node in cells and declarations",
  commander: "the command line",
  "dejavu-fonts-ttf": "the font of pictures",
  dompurify: "makes HTML of strangers' notebooks harmless",
  jsdom: "lays out charts for pictures without a browser",
  "markdown-it": "Markdown in pages of notebooks",
  "onnxruntime-node": "the engine `compiled`, and served models",
  "plotly.js-cartesian-dist-min": "charts on pages and in pictures: a quarter of the whole",
  "plotly.js-dist-min": "charts in JupyterLab, and on pages with other kinds of figures",
  protobufjs: "the schema of configs",
  re2js: "runs patterns from configs in linear time",
  tslab: "converts TypeScript cells; the kernel uses its internals, so its version is exact",
  typescript: "compiles cells; the kernel uses functions that it does not declare, so its version is exact",
  zeromq: "Jupyter's protocol",
};

/** Packages that are behind the newest version of the registry on that day, and why. The others are the newest. */
export const behind = {
  date: "29 November 2026",
  packages: {
    "@types/node": [
      "26.6.7",
      "has Node 26's; those of Node 20 are here, so that a cell that compiles runs on every supported Node",
    ],
    commander: ["15.1.0", "needs Node 22.12"],
    dompurify: [
      "3.5.0",
      "is what a new `npm install pepnet` brings, since the range allows it; its tests here pass, and package-lock.json follows when it next changes",
    ],
    jsdom: [
      "31.0.1",
      "needs Node 22.22, and 27.3 to 29 need 20.19, which can `require` ES modules: this package runs on every Node 20",
    ],
    "markdown-it": ["15.0.3", "needs `entities` 8, which needs Node 20.19; its tests here pass"],
    "plotly.js-cartesian-dist-min": ["4.1.1", "is 7% larger in each page and draws nothing more here; see the next"],
    "plotly.js-dist-min": [
      "4.1.2",
      "no longer draws `scattermapbox`, `densitymapbox` and `choroplethmapbox`, which figures in notebooks may have, and by default has a button that uploads the chart to Plotly Cloud. All charts and pages here look the same with it, and their `config` turns that button off where another program draws them",
    ],
    typescript: [
      "7.0.2",
      "has no JavaScript API yet: the kernel and tslab's converter call the compiler's functions. It compiles this repository (npm's `typescript-native`)",
    ],
  },
};

/** tslab's compiler is a stand-in in a clone, and a package in a project. */
const besides = { "@tslab/typescript-for-tslab": { version: "5.0.4", license: "Apache-2.0" } };

/** A licence in Markdown; a file's name is code, which no page turns into a link. */
const licenceText = (licence) => licence.replaceAll(/\w+\.md/g, "`$&`");

/** The version of the compiler that the kernel uses. */
function compilerVersion() {
  return JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")).dependencies.typescript;
}

/** Every package of an installation: name, version, licence, whether it has an install script, and its folder. */
export function productionPackages() {
  const { packages } = JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8"));
  const all = Object.entries(packages).flatMap(([place, { version, license, dev, link, hasInstallScript }]) => {
    if (!place.startsWith("node_modules/") || dev || link) return [];
    const name = place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);
    return [{ name, version, license, script: hasInstallScript === true, place }];
  });
  const others = Object.entries(besides).map(([name, one]) => ({ name, ...one, script: false, place: null }));
  return [...all, ...others].sort((a, b) =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1,
  );
}

/** The page. @param {(place: string) => string} size the size of a package's folder */
export function packagesPage(size) {
  const all = productionPackages();
  const direct = all.filter(({ name, place }) => name in reasons && place === `node_modules/${name}`);
  const rows = direct.map(
    ({ name, version, license, place }) =>
      `| ${name} | ${version} | ${behind.packages[name]?.[0] ?? version} | ${size(place)} | ${licenceText(license)} | ${reasons[name]} |`,
  );
  const older = Object.entries(behind.packages).map(([name, [newest, why]]) => `- **${name}** ${newest}: ${why}.`);
  const licences = [...new Set(all.map(({ license }) => license))].sort();
  const groups = licences.map((licence) => {
    const names = all.filter(({ license }) => license === licence).map(({ name, version }) => `${name} ${version}`);
    return `- **${licenceText(licence)}**: ${names.join(", ")}`;
  });
  return `# Packages

What \`npm install pepnet\` brings. \`npm run packages\` writes this page, and a test holds it to package-lock.json. Sizes are those on Linux x64, with the binaries of a package's other platforms.

| package | version | newest | MB | licence | why |
|---|---|---|---|---|---|
${rows.join("\n")}

## Why not the newest

The newest versions are those of ${behind.date}. Those above that are older here:

${older.join("\n")}

## Install scripts

Packages with an install script: ${all
    .filter(({ script }) => script)
    .map(({ name }) => name)
    .join(
      ", ",
    )}. None is needed ([package.md](package.md#install-scripts)): \`npm install --ignore-scripts\` gives the same installation.

pepnet has one, \`preinstall\` (\`scripts/preinstall.mjs\`, which reads, writes and removes files in \`node_modules\`). It removes the binaries of other platforms ([sizes](package.md#size-on-disk)). It turns off onnxruntime-node's, which on Linux x64 would download hundreds of megabytes of CUDA libraries from nuget.org, and fail the installation without that host. Only the project that installs could say so otherwise (\`ONNXRUNTIME_NODE_INSTALL=skip\`), so it stays until onnxruntime-node leaves that download out by itself.

## What is installed and never loaded

- **@tslab/typescript-for-tslab** (38 MB): tslab depends on it, and the kernel gives tslab TypeScript ${compilerVersion()} in its place. npm lets a project replace a dependency's dependency, but not a package that it installs.
- **rollup** and its plugins (7 MB): tslab's, for cells in browsers.
- **cmake-ts** (7 MB): zeromq's; it loads the binary with a part of it.

## All packages by licence

None is under the GPL, LGPL or AGPL. The licence of dejavu-fonts-ttf is that of Bitstream Vera, which allows use, copies and changes.

${groups.join("\n")}
`;
}

function megabytes(place) {
  const folders = [place, ...binariesOf(place)].map((name) => path.join(root, name));
  const bytes = folders.reduce((sum, folder) => sum + bytesBelow(folder), 0);
  return (bytes / 1e6).toFixed(1);
}

/** The packages with a package's binaries for this platform, such as @napi-rs/canvas-linux-x64-gnu. */
function binariesOf(place) {
  const stems = {
    "@duckdb/node-api": "@duckdb/node-bindings",
    "@napi-rs/canvas": "@napi-rs/canvas-",
    "@resvg/resvg-js": "@resvg/resvg-js-",
  };
  const stem = stems[place.slice("node_modules/".length)];
  if (stem === undefined) return [];
  const scope = path.join("node_modules", stem.split("/")[0]);
  return readdirSync(path.join(root, scope))
    .map((name) => path.join(scope, name))
    .filter((name) => name.replaceAll(path.sep, "/").startsWith(`node_modules/${stem}`));
}

function bytesBelow(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => lstatSync(path.join(folder, name)))
    .reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(path.join(root, "docs/packages.md"), packagesPage(megabytes));
}
