/** The `.proto` files are files that protoc reads too: each imports what it uses, nothing else, and never in a circle. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import protobuf from "protobufjs";
import { expect, test } from "vitest";

const folder = path.resolve(__dirname, "../../../src/core/config/proto");

interface ProtoFile {
  readonly imports: readonly string[];
  /** Messages and enums that it defines, and those that its fields name. */
  readonly defined: ReadonlySet<string>;
  readonly used: ReadonlySet<string>;
}

const files = new Map(
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".proto"))
    .map((name) => [name.replaceAll(path.sep, "/"), read(name)]),
);

function read(name: string): ProtoFile {
  const root = new protobuf.Root();
  const { imports = [] } = protobuf.parse(readFileSync(path.join(folder, name), "utf8"), root, { keepCase: true });
  const [defined, used] = [new Set<string>(), new Set<string>()];
  const visit = (namespace: protobuf.NamespaceBase): void => {
    for (const each of namespace.nestedArray) {
      if (each instanceof protobuf.Type || each instanceof protobuf.Enum) defined.add(each.name);
      if (each instanceof protobuf.Type) for (const { type } of each.fieldsArray) used.add(type.split(".").at(-1)!);
      if (each instanceof protobuf.Namespace) visit(each);
    }
  };
  visit(root);
  return { imports: imports ?? [], defined, used };
}

test("the whole schema is there", () => {
  expect(files.size).toBe(17);
  expect([...reached("pipeline.proto")].sort()).toEqual([...files.keys()].sort());
});

test.each([...files.keys()])("%s imports what it uses, and nothing else", (name) => {
  const { used, defined, imports } = files.get(name)!;
  const owner = (type: string) => [...files].find(([, file]) => file.defined.has(type))?.[0];
  const needed = [...used].filter((type) => !defined.has(type) && !(type in protobuf.types.basic)).map(owner);
  expect([...new Set(needed)].sort()).toEqual([...imports].sort());
});

test.each([...files.keys()])("%s does not import itself by others", (name) => {
  for (const imported of files.get(name)!.imports) expect([...reached(imported)]).not.toContain(name);
});

/** A file and all that it imports. */
function reached(name: string): Set<string> {
  const found = new Set([name]);
  for (const each of found) for (const imported of files.get(each)?.imports ?? []) found.add(imported);
  return found;
}
