// Files that follow from others, see deploy/helm/generate: prints those that
// are not current, or writes them.
import {readFileSync, writeFileSync} from "node:fs";
import {fileURLToPath} from "node:url";
import YAML from "yaml";

import {configDefinitions} from "./config_schema.mjs";

const ROOT = new URL("../../", import.meta.url);
const BEGIN = "<!-- values: written by deploy/helm/generate -->\n";
const END = "<!-- end of values -->";

const read = (name) => readFileSync(new URL(name, ROOT), "utf8");

function schema() {
  const source = YAML.parse(read("deploy/helm/values.schema.yaml"));
  Object.assign(source.definitions, configDefinitions(read("deploy/config.md")));
  return `${JSON.stringify(source, null, 1)}\n`;
}

// The comment on the line before a key. That of a map's first key belongs to the
// map.
function comment(node) {
  return (node.commentBefore ?? "").split("\n").at(-1).trim();
}

const isMap = (node) => YAML.isMap(node) && node.items.length > 0;
const described = (map) => Boolean(comment(map)) ||
  map.items.some(({key, value}) =>
    comment(key) || (isMap(value) && described(value)));

// A row for each value: a scalar, a list, or a map that is explained as a whole.
function rows(map, path, found) {
  map.items.forEach(({key, value}, index) => {
    const name = path ? `${path}.${key.value}` : key.value;
    if (isMap(value) && described(value)) return rows(value, name, found);
    const text = comment(key) || (index === 0 ? comment(map) : "");
    const standard = JSON.stringify(value.toJSON())
      .replaceAll('":', '": ').replaceAll(',"', ', "');
    found.push({name, standard, text});
  });
  return found;
}

export function valueRows(text) {
  return rows(YAML.parseDocument(text).contents, "", []);
}

function readme() {
  const text = read("deploy/helm/aerie/README.md");
  const from = text.indexOf(BEGIN) + BEGIN.length;
  const to = text.indexOf(END);
  if (from < BEGIN.length || to < 0) throw new Error("README.md: no place for values");
  const lines = valueRows(read("deploy/helm/aerie/values.yaml")).map(
    ({name, standard, text: what}) => {
      if (!what) throw new Error(`values.yaml: ${name} has no comment`);
      return `| \`${name}\` | \`${standard.replaceAll("|", "\\|")}\` | ${what.replaceAll("|", "\\|")} |`;
    });
  return `${text.slice(0, from)}\n| value | default | |\n| --- | --- | --- |\n` +
    `${lines.join("\n")}\n\n${text.slice(to)}`;
}

export const files = {
  "deploy/helm/aerie/values.schema.json": schema,
  "deploy/helm/aerie/README.md": readme,
};

// Names of files that are not what they would be.
export function outdated() {
  return Object.keys(files).filter((name) => {
    try {
      return read(name) !== files[name]();
    } catch (error) {
      if (error.code === "ENOENT") return true;
      throw error;
    }
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const check = process.argv.includes("--check");
  const names = outdated();
  for (const name of names) {
    if (!check) writeFileSync(new URL(name, ROOT), files[name]());
    console.log(check ? `${name} is not current: run deploy/helm/generate` : name);
  }
  process.exit(check && names.length ? 1 : 0);
}
