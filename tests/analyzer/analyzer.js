// Microsoft's analyzer (@kusto/language-service-next) for the scripts beside this file.
"use strict";
const fs = require("fs");
const path = require("path");
const vm = require("vm");

const PACKAGE = "@kusto/language-service-next";

/** The `Kusto.Language` of the package, looked for in folders. */
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

/** What the analyzer says of a query: columns, or null and errors. */
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

module.exports = { ask, globalsFor, loadAnalyzer, mergeSchemas, toArray };
