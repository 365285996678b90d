// Lints the files named on stdin (one a line) as Camunda Modeler does for Camunda 8.4, and prints
// one JSON object: for each file its findings, and how many milliseconds it took without start-up.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { BpmnModdle } from "bpmn-moddle";

const require = createRequire(import.meta.url);
const Linter = require("bpmnlint/lib/linter");
const NodeResolver = require("bpmnlint/lib/resolver/node-resolver");
// Without the extension's schema every task would seem to lack its task definition.
const zeebe = require("zeebe-bpmn-moddle/resources/zeebe.json");

const config = {
  extends: ["bpmnlint:all", "plugin:camunda-compat/camunda-cloud-8-4"],
  rules: JSON.parse(process.argv[2] || "{}"),
};
const resolver = new NodeResolver({ require });
console.error = () => {}; // rules that throw are reported as rule-error

async function lint(file) {
  let root;
  try {
    const text = readFileSync(file, "utf8");
    ({ rootElement: root } = await new BpmnModdle({ zeebe }).fromXML(text));
  } catch (error) {
    return { unreadable: String(error) };
  }
  // A linter of its own for each file: some rules remember what they saw in the file before.
  const reports = await new Linter({ config, resolver }).lint(root);
  return Object.entries(reports).flatMap(([rule, found]) =>
    found.map(({ id, category, message }) => ({ rule, id: id || "", category, message })),
  );
}

const files = readFileSync(0, "utf8").split("\n").filter(Boolean);
await lint(files[0]); // resolves the rules
const started = performance.now();
const findings = {};
for (const file of files) findings[file] = await lint(file);
process.stdout.write(JSON.stringify({ findings, ms: performance.now() - started }));
