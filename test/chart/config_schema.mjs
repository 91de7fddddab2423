// JSON Schemas of the two configuration files, from the tables of
// deploy/config.md.

const DURATION = "^([0-9]+(\\.[0-9]+)?(ms|us|ns|s|m|h))+$";
const SIZE = "^[0-9]+(B|kB|MB|GB|Ki|KiB|Mi|MiB|Gi|GiB)$";
const TEXT = {type: "string"};
const LIST = {type: "array", items: TEXT};

// What a column `type` means.
function typeSchema(type) {
  const range = type.match(/^integer, (\d+) to (\d+)$/);
  if (range) {
    return {type: "integer", minimum: Number(range[1]), maximum: Number(range[2])};
  }
  if (/^duration, /.test(type)) {
    return {anyOf: [{const: 0}, {type: "string", pattern: DURATION}]};
  }
  if (/^size, /.test(type)) {
    return {anyOf: [{type: "integer", minimum: 0}, {type: "string", pattern: SIZE}]};
  }
  switch (type) {
    case "text":
    case "text, secret":
      return TEXT;
    case "true or false":
      return {type: "boolean"};
    case "list of texts":
      return LIST;
    case "map of texts":
      return {type: "object", additionalProperties: TEXT};
    case "map of texts or lists of texts":
      return {type: "object", additionalProperties: {anyOf: [TEXT, LIST]}};
    case "true, false, conn, default or a list":
      return {anyOf: [{type: "boolean"}, {enum: ["conn", "default"]}, LIST]};
    case "list":
      return {type: "array", items: section()};
  }
  if (/^\S+( or \S+)+$/.test(type)) return {enum: type.split(" or ")};
  throw new Error(`deploy/config.md: a type that is not known: ${type}`);
}

const section = () =>
  ({type: "object", additionalProperties: false, properties: {}});

// Puts a key such as `mounts[].path` where it belongs.
function place(root, path, schema) {
  const names = path.split(".");
  const last = names.pop();
  let at = root;
  for (const name of names) {
    const list = name.endsWith("[]");
    const key = name.replace("[]", "");
    at.properties[key] ??= list ? {type: "array", items: section()} : section();
    at = list ? at.properties[key].items : at.properties[key];
  }
  at.properties[last] = schema;
}

// The chapter of one process: its rows, as [key, type, text].
export function configKeys(markdown, process) {
  const chapter = markdown.split(/^## /m).find((part) =>
    part.startsWith(`aerie-${process}\n`));
  if (!chapter) throw new Error(`deploy/config.md: no chapter aerie-${process}`);
  return [...chapter.matchAll(/^\| `([^`]+)` \| (.*?) \| .*? \| (.*) \|$/gm)]
    .map(([, key, type, text]) => [key, type, text]);
}

export function configDefinitions(markdown) {
  const definitions = {};
  for (const process of ["edge", "broker"]) {
    const root = section();
    const keys = configKeys(markdown, process);
    for (const [key, type, description] of keys) {
      place(root, key, {...typeSchema(type), description});
    }
    if (!keys.length) throw new Error(`deploy/config.md: aerie-${process} has no keys`);
    definitions[`${process}Config`] = root;
  }
  return definitions;
}
