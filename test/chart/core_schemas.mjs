// JSON Schemas of Kubernetes' own kinds, strict: unknown fields are refused.
// They come from the models of @kubernetes/client-node, which are generated from
// Kubernetes' OpenAPI.
import {readFileSync} from "node:fs";

const MODELS = new URL(
  "node_modules/@kubernetes/client-node/dist/gen/models/", import.meta.url);

// Kind → model.
export const CORE_KINDS = {
  "v1/ConfigMap": "V1ConfigMap",
  "v1/Pod": "V1Pod",
  "v1/Secret": "V1Secret",
  "v1/Service": "V1Service",
  "v1/ServiceAccount": "V1ServiceAccount",
  "apps/v1/Deployment": "V1Deployment",
  "autoscaling/v2/HorizontalPodAutoscaler": "V2HorizontalPodAutoscaler",
  "networking.k8s.io/v1/Ingress": "V1Ingress",
  "networking.k8s.io/v1/NetworkPolicy": "V1NetworkPolicy",
  "policy/v1/PodDisruptionBudget": "V1PodDisruptionBudget",
};

const QUANTITY = {
  anyOf: [
    {type: "number"},
    {type: "string", pattern: "^[0-9]+(\\.[0-9]+)?(m|[kMGTPE]i?)?$"},
  ],
};
// Maps whose values are quantities, which the models call texts.
const QUANTITIES = new Set(["requests", "limits", "overhead"]);

function typeSchema(type, field, wanted) {
  const list = type.match(/^(?:Array|Set)<(.+)>$/);
  if (list) return {type: "array", items: typeSchema(list[1], "", wanted)};
  const map = type.match(/^\{ \[key: string\]: (.+); \}$/);
  if (map) {
    const values = QUANTITIES.has(field)
      ? QUANTITY : typeSchema(map[1], "", wanted);
    return {type: "object", additionalProperties: values};
  }
  switch (type) {
    case "string":
    case "boolean":
      return {type};
    case "number":
      return {type: "integer"};
    case "IntOrString":
      return {type: ["integer", "string"]};
    case "Date":
    case "V1MicroTime":
      return {type: "string"};
    case "any":
    case "object":
      return {};
  }
  wanted.push(type);
  return {$ref: `#/definitions/${type}`};
}

// Fields that are not optional, by the model's declarations.
function requiredFields(model) {
  const text = readFileSync(new URL(`${model}.d.ts`, MODELS), "utf8");
  return new Set([...text.matchAll(/^ +'(\w+)': /gm)].map(([, name]) => name));
}

async function modelSchema(model, wanted) {
  const module = await import(new URL(`${model}.js`, MODELS));
  const required = requiredFields(model);
  const schema = {type: "object", additionalProperties: false, properties: {}, required: []};
  for (const {name, baseName, type} of module[model].getAttributeTypeMap()) {
    schema.properties[baseName] = typeSchema(type, baseName, wanted);
    if (required.has(name)) schema.required.push(baseName);
  }
  return schema;
}

// A schema with all definitions that the kinds need.
export async function coreSchemas() {
  const definitions = {};
  const wanted = Object.values(CORE_KINDS);
  while (wanted.length) {
    const model = wanted.pop();
    definitions[model] ??= await modelSchema(model, wanted);
  }
  return definitions;
}
