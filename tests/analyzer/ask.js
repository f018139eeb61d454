// Asks Microsoft's analyzer (@kusto/language-service-next) what columns a query gives and what is wrong with it.
//
//   node ask.js [--schema FILE]... [--modules DIR] [--query FILE.kql]... [CASES.jsonl | -]...
//
// A case is one line of JSON: {"query": "…"}; it may add tables of its own as {"schema": {"T": [{"name","type"}]}}.
// A --query file is one case. Lines that are empty or start with // are passed over. Each case gives one line on
// standard output, in order:
//
//   {"query", "columns": [[name, type], …] | null, "errors": [{"code","message","start","length"}], "warnings": […]}
//
// `columns` is null when the query gives no table or has an error. Positions count UTF-16 units from the start.
//
// A schema is {"Table": [{"name","type"}, …]} (the shape of defender-schema.json) or
// [{"name": "Table", "columns": [{"name","type"}, …]}] (what event-table serialises). Several are put together;
// columns that a later one names for a table already known are added at its end.
//
// The package is looked for beside this file, then under --modules DIR/node_modules.
"use strict";
const fs = require("fs");
const path = require("path");
const { ask, globalsFor, loadAnalyzer, mergeSchemas } = require("./analyzer.js");

function usage(reason) {
  process.stderr.write(`ask.js: ${reason}\nusage: node ask.js [--schema FILE]... [--modules DIR] [--query FILE.kql]... [CASES.jsonl | -]...\n`);
  process.exit(2);
}

function readArguments(argv) {
  const options = { schemas: [], queries: [], cases: [], modules: [__dirname] };
  for (let i = 0; i < argv.length; i++) {
    const value = () => argv[++i] ?? usage(`${argv[i - 1]} needs a value`);
    if (argv[i] === "--schema") options.schemas.push(value());
    else if (argv[i] === "--query") options.queries.push(value());
    else if (argv[i] === "--modules") options.modules.push(value());
    else if (argv[i].startsWith("--")) usage(`unknown option ${argv[i]}`);
    else options.cases.push(argv[i]);
  }
  if (options.queries.length + options.cases.length === 0) usage("no query given");
  return options;
}

function readCases(options) {
  const cases = options.queries.map((file) => ({ query: fs.readFileSync(file, "utf8") }));
  for (const file of options.cases) {
    const lines = fs.readFileSync(file === "-" ? 0 : file, "utf8").split("\n");
    lines.forEach((line, i) => {
      if (line.trim() === "" || line.startsWith("//")) return;
      try {
        cases.push(JSON.parse(line));
      } catch (error) {
        throw new Error(`${file}:${i + 1}: ${error.message}`);
      }
    });
  }
  return cases;
}

const options = readArguments(process.argv.slice(2));
const Kusto = loadAnalyzer(options.modules);
const tables = new Map();
for (const file of options.schemas) mergeSchemas(tables, JSON.parse(fs.readFileSync(file, "utf8")));
const shared = globalsFor(Kusto, tables);
for (const { query, schema } of readCases(options)) {
  const globals = schema ? globalsFor(Kusto, mergeSchemas(new Map(tables), schema)) : shared;
  process.stdout.write(JSON.stringify(ask(Kusto, query, globals)) + "\n");
}
