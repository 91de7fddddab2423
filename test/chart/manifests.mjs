// Whether manifests are what an API server takes: known kinds, known fields,
// nothing twice.
import {readFileSync} from "node:fs";
import Ajv from "ajv";
import YAML from "yaml";

import {CORE_KINDS, coreSchemas} from "./core_schemas.mjs";

export const kindOf = ({apiVersion, kind}) => `${apiVersion}/${kind}`;
export const nameOf = (document) =>
  `${document.kind} ${document.metadata?.name ?? "without a name"}`;

const others = YAML.parse(readFileSync(new URL("crds.yaml", import.meta.url), "utf8"));

const ajv = new Ajv.default({allErrors: true, allowUnionTypes: true});
ajv.addSchema({$id: "core", definitions: await coreSchemas()});
ajv.addSchema({$id: "others", definitions: others.definitions});

// What stands around the `spec` of a kind that is not Kubernetes' own.
function envelope(spec) {
  const text = JSON.stringify(spec).replaceAll('"#/definitions/', '"others#/definitions/');
  return {
    type: "object",
    additionalProperties: false,
    required: ["apiVersion", "kind", "metadata", "spec"],
    properties: {
      apiVersion: {type: "string"},
      kind: {type: "string"},
      metadata: {$ref: "core#/definitions/V1ObjectMeta"},
      spec: JSON.parse(text),
    },
  };
}

const validators = new Map();
function validator(kind) {
  if (!validators.has(kind)) {
    const model = CORE_KINDS[kind];
    const schema = model ? {$ref: `core#/definitions/${model}`}
      : others.kinds[kind] && envelope(others.kinds[kind]);
    validators.set(kind, schema && ajv.compile(schema));
  }
  return validators.get(kind);
}

function describe({instancePath, message, params}) {
  const detail = params.additionalProperty ?? params.allowedValues?.join(", ") ?? "";
  return `${instancePath || "/"} ${message} ${detail}`.trim();
}

// What is wrong, a sentence each.
export function problems(documents) {
  const found = [];
  const seen = new Set();
  for (const document of documents) {
    const name = nameOf(document);
    const id = `${kindOf(document)} ${document.metadata?.namespace} ${name}`;
    if (seen.has(id)) found.push(`${name}: rendered twice`);
    seen.add(id);
    if (!document.metadata?.name) found.push(`${name}: no metadata.name`);
    const validate = validator(kindOf(document));
    if (!validate) {
      found.push(`${name}: no schema for ${kindOf(document)}`);
    } else if (!validate(document)) {
      found.push(...validate.errors.map((error) => `${name}: ${describe(error)}`));
    }
  }
  return found;
}
