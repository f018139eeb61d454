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
const vm = require("vm");

const PACKAGE = "@kusto/language-service-next";

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

function loadAnalyzer(modules) {
  const manifest = require.resolve(`${PACKAGE}/package.json`, { paths: modules });
  // Bridge.NET's runtime expects a browser's global object.
  globalThis.window = globalThis.self = globalThis;
  for (const file of ["bridge.js", "Kusto.Language.Bridge.js"]) {
    const full = path.join(path.dirname(manifest), file);
    vm.runInThisContext(fs.readFileSync(full, "utf8"), { filename: full });
  }
  return globalThis.Kusto.Language;
}

/** Puts schemas of either shape together: table name → columns in order. */
function mergeSchemas(into, schema) {
  const tables = Array.isArray(schema) ? schema.map((t) => [t.name, t.columns]) : Object.entries(schema);
  for (const [name, columns] of tables) {
    const known = into.get(name) ?? [];
    const names = new Set(known.map((c) => c.name));
    into.set(name, known.concat(columns.filter((c) => !names.has(c.name))));
  }
  return into;
}

function globalsFor(Kusto, tables) {
  const { Symbols } = Kusto;
  const types = Object.fromEntries(
    ["Bool", "DateTime", "Decimal", "Dynamic", "Guid", "Int", "Long", "Real", "String", "TimeSpan"].map((name) => [
      name.toLowerCase(),
      Symbols.ScalarTypes[name],
    ]),
  );
  const symbols = [...tables].map(([name, columns]) => {
    const made = columns.map((c) => {
      const type = types[c.type.toLowerCase()];
      if (!type) throw new Error(`${name}.${c.name}: unknown type ${c.type}`);
      return new Symbols.ColumnSymbol(c.name, type, null, null, null, null);
    });
    return new Symbols.TableSymbol.$ctor4(name, made);
  });
  return Kusto.GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.$ctor3("logs", null, symbols, false));
}

/** A Bridge.NET list as an array. */
function toArray(list) {
  return list ? Array.from({ length: list.Count }, (_, i) => list.getItem(i)) : [];
}

function ask(Kusto, query, globals) {
  const code = Kusto.KustoCode.ParseAndAnalyze(query, globals);
  const found = toArray(code.GetDiagnostics()).map((d) => ({
    severity: d.Severity,
    told: { code: d.Code, message: d.Message, start: d.Start, length: d.Length },
  }));
  const errors = found.filter((d) => d.severity === "Error").map((d) => d.told);
  const columns = errors.length === 0 ? code.ResultType?.Columns : null;
  return {
    query,
    columns: columns ? toArray(columns).map((c) => [c.Name, c.Type.Name]) : null,
    errors,
    warnings: found.filter((d) => d.severity === "Warning").map((d) => d.told),
  };
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
