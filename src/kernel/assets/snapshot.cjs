// The entry of a snapshot: gives the compiled program the names of a module, which the builder of snapshots does not.
const file = `${__dirname}/../../../dist/kernel/snapshot.js`;
const run = new Function("exports", "require", "__dirname", require("node:fs").readFileSync(file, "utf8"));
run({}, require, require("node:path").dirname(require("node:path").resolve(file)));
