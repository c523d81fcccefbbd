// The differences between TorchEasyRec's `.proto` files in a checkout and those in src/core/config/proto.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import protobuf from "protobufjs";
import { root } from "./setup.mjs";

const known = path.join(root, "src", "core", "config", "proto");
const namespace = ".tzrec.protos.";

/** Reads all files of a folder into one schema, whatever paths they import each other by. */
function readSchema(folder) {
  const schema = new protobuf.Root();
  // Files of Google come with protobufjs; our copy is of the same messages.
  schema.addJSON(protobuf.common.get("google/protobuf/struct.proto").nested);
  const files = readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(".proto") && !name.startsWith("google"))
    .sort();
  for (const file of files) {
    try {
      protobuf.parse(readFileSync(path.join(folder, file), "utf8"), schema, { keepCase: true });
    } catch (error) {
      throw new Error(`${path.join(folder, file)} is not a .proto file that protobufjs reads: ${error.message}`);
    }
  }
  try {
    schema.resolveAll();
  } catch (error) {
    throw new Error(`the .proto files in ${folder} do not fit together: ${error.message}`);
  }
  return schema;
}

/** The messages and enums of a schema by name, such as `TrainConfig` or `Outer.Inner`. */
function typesOf(schema) {
  const types = new Map();
  const visit = (space) => {
    for (const each of space.nestedArray ?? []) {
      const isType = each instanceof protobuf.Type || each instanceof protobuf.Enum;
      if (isType && each.fullName.startsWith(namespace)) types.set(each.fullName.slice(namespace.length), each);
      visit(each);
    }
  };
  visit(schema);
  return types;
}

/** What a config sees of a field. */
function factsOf(field) {
  const type = field.resolvedType?.fullName ?? field.type;
  return {
    number: field.id,
    label: labelOf(field),
    type: (field.map ? `map<${field.keyType}, ${type}>` : type).replaceAll(namespace, ""),
    default: defaultOf(field),
  };
}

function labelOf(field) {
  if (field.map) return "map";
  if (field.required) return "required";
  if (field.repeated) return "repeated";
  return field.partOf ? `oneof ${field.partOf.name}` : "optional";
}

/** As in a `.proto` file; that of a field without one is written too, since both mean the same. */
function defaultOf(field) {
  const { resolvedType, defaultValue } = field;
  if (field.map || field.repeated || resolvedType instanceof protobuf.Type) return "none";
  if (resolvedType instanceof protobuf.Enum) return resolvedType.valuesById[defaultValue];
  return field.type === "string" ? JSON.stringify(defaultValue) : String(defaultValue);
}

function declaration(field) {
  const { number, label, type, default: value } = factsOf(field);
  const rule = label === "map" ? "" : `${label} `;
  return `${rule}${type} = ${number}${field.options?.default === undefined ? "" : ` [default = ${value}]`}`;
}

/** Messages whose fields src/core/config/proto does not list. */
const isOpen = (type) => (type.extensions?.length ?? 0) > 0;

/**
 * Compares the `.proto` files of a folder with those that this release knows: for each message and enum that differs its
 * new (`+`), removed (`-`) and changed (`~`) fields or values. Messages that only other models use are left out.
 *
 * @param {string} folder
 * @returns {{ type: string, state: "new" | "removed" | "changed", changes: { sign: string, name: string, text: string }[] }[]}
 */
export function schemaChanges(folder) {
  const before = typesOf(readSchema(known));
  const after = typesOf(readSchema(folder));
  const found = [];
  const added = new Set();
  const addType = (type) => {
    const name = type?.fullName.slice(namespace.length);
    if (!type?.fullName.startsWith(namespace) || before.has(name) || added.has(name)) return;
    added.add(name);
    const isEnum = type instanceof protobuf.Enum;
    const changes = isEnum
      ? Object.entries(type.values).map(([value, number]) => ({ sign: "+", name: value, text: `= ${number}` }))
      : type.fieldsArray.map((field) => ({ sign: "+", name: field.name, text: declaration(field) }));
    found.push({ type: name, state: "new", changes });
    if (!isEnum) for (const field of type.fieldsArray) addType(field.resolvedType);
  };
  for (const [name, old] of before) {
    const current = after.get(name);
    if (current === undefined) {
      found.push({ type: name, state: "removed", changes: [] });
      continue;
    }
    if (old instanceof protobuf.Type && isOpen(old)) continue;
    const changes = old instanceof protobuf.Enum ? valueChanges(old, current) : fieldChanges(old, current);
    if (changes.length > 0) found.push({ type: name, state: "changed", changes });
    for (const { sign, name: field } of changes) {
      const one = sign === "-" ? undefined : current.fields?.[field];
      // Another architecture: its messages concern no PEPNet.
      if (one?.partOf?.name !== "model") addType(one?.resolvedType);
    }
  }
  return found;
}

function fieldChanges(old, current) {
  const changes = [];
  for (const field of old.fieldsArray) {
    const [was, is] = [field, current.fields?.[field.name]].map((each) => each && factsOf(each));
    if (is === undefined) changes.push({ sign: "-", name: field.name, text: declaration(field) });
    else {
      const isSingle = was.default !== "none" && is.default !== "none";
      const facts = Object.keys(was).filter((fact) => was[fact] !== is[fact] && (fact !== "default" || isSingle));
      const texts = facts.map((fact) => `${fact} ${was[fact]} → ${is[fact]}`);
      if (texts.length > 0) changes.push({ sign: "~", name: field.name, text: texts.join(", ") });
    }
  }
  for (const field of current.fieldsArray ?? []) {
    if (old.fields[field.name] !== undefined) continue;
    const same = old.fieldsArray.find(({ id }) => id === field.id);
    const note = same === undefined ? "" : `, the number of ${same.name}`;
    changes.push({ sign: "+", name: field.name, text: declaration(field) + note });
  }
  return changes;
}

function valueChanges(old, current) {
  const [was, is] = [old.values, current.values ?? {}];
  return [
    ...Object.entries(was).flatMap(([name, number]) => {
      if (is[name] === undefined) return [{ sign: "-", name, text: `= ${number}` }];
      return is[name] === number ? [] : [{ sign: "~", name, text: `number ${number} → ${is[name]}` }];
    }),
    ...Object.entries(is).flatMap(([name, number]) =>
      was[name] === undefined ? [{ sign: "+", name, text: `= ${number}` }] : [],
    ),
  ];
}

/** What becomes of a field here, by `Message.field`: the table in docs/torcheasyrec.md, which a test writes. */
export function fieldEffects() {
  const page = readFileSync(path.join(root, "docs", "torcheasyrec.md"), "utf8");
  const lines = page.slice(page.indexOf("## Every field")).split(/\r?\n/);
  // What is in parentheses explains.
  const names = (cell) => [...cell.replace(/ \(.*?\)(?=;|\s*$)/g, "").matchAll(/`(\w+)`/g)].map(([, name]) => name);
  const types = typesOf(readSchema(known));
  const effects = new Map();
  for (const line of lines.filter((each) => /^\| `/.test(each))) {
    const [messages, opens, refused] = line.split("|").slice(1, -1);
    for (const message of names(messages)) {
      for (const field of fieldsOf(types.get(message))) {
        const isIn = (cell) => cell.trim() === "every field" || names(cell).includes(field);
        const kept = isIn(opens) ? "opens here, with a stand-in or without effect" : "trains here";
        effects.set(`${message}.${field}`, isIn(refused) ? "refused here" : kept);
      }
    }
  }
  if (effects.size === 0) throw new Error('docs/torcheasyrec.md has no table below "## Every field"');
  return effects;
}

/** The fields of a message, without those of other models. */
function fieldsOf(type) {
  const others = new Set(type.oneofs?.model?.oneof.filter((name) => name !== "pepnet"));
  return type.fieldsArray.map(({ name }) => name).filter((name) => !others.has(name));
}
