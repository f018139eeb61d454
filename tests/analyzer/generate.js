// Generates random queries that Microsoft's analyzer accepts, or that it rejects, with its answers.
//
//   node generate.js --functions NAMES.json [--seed N] [--well N] [--ill N] [--schema FILE]... [--modules DIR]
//
// NAMES.json is {"scalar": […], "aggregate": […]}: the functions that may be called. An answer is one line, as ask.js
// gives it. The well-typed queries come first; an ill-typed one is a well-typed one in which a word was replaced.
// The same seed gives the same queries.
"use strict";
const fs = require("fs");
const { ask, globalsFor, loadAnalyzer, mergeSchemas, toArray } = require("./analyzer.js");

const TYPES = ["bool", "int", "long", "real", "decimal", "string", "datetime", "timespan", "guid", "dynamic"];
const NUMBERS = ["int", "long", "real", "decimal"];
const LITERALS = {
  bool: ["true", "false", "bool(null)"],
  int: ["int(5)", "int(-1)"],
  long: ["1", "42", "0x1f", "long(null)"],
  real: ["1.5", "2e3", "real(nan)"],
  decimal: ["decimal(1.5)"],
  string: ["'a'", '"b c"', "@'x/y'"],
  datetime: ["datetime(2024-01-02)", "now()"],
  timespan: ["1d", "5m", "timespan(1.02:03:04)"],
  guid: ["guid(74be27de-1e4e-49d9-b579-fe0b331d3642)"],
  dynamic: ["dynamic([1,2])", 'dynamic({"a":1})', "dynamic(null)"],
};
const WRONG_WORDS = ["nosuch", "'t'", "1", "true", "now()", "dynamic([])", "5m"];
/** A table with a column of each type, for whatever the published ones lack. */
const EVERY_TYPE = `let T = datatable(${TYPES.map((type) => `${type}_:${type}`).join(", ")})[];\n`;

function readArguments(argv) {
  const options = { seed: 1, well: 1000, ill: 300, schemas: [], modules: [__dirname], functions: null };
  for (let i = 0; i < argv.length; i += 2) {
    const [name, value] = [argv[i].replace(/^--/, ""), argv[i + 1]];
    if (value === undefined) throw new Error(`${argv[i]} needs a value`);
    if (name === "schema") options.schemas.push(value);
    else if (name === "modules") options.modules.push(value);
    else if (name === "functions") options.functions = JSON.parse(fs.readFileSync(value, "utf8"));
    else if (["seed", "well", "ill"].includes(name)) options[name] = Number(value);
    else throw new Error(`unknown option ${argv[i]}`);
  }
  if (!options.functions) throw new Error("--functions is needed");
  return options;
}

/** Random numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomFrom(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const options = readArguments(process.argv.slice(2));
const Kusto = loadAnalyzer(options.modules);
const tables = new Map();
for (const file of options.schemas) mergeSchemas(tables, JSON.parse(fs.readFileSync(file, "utf8")));
const globals = globalsFor(Kusto, tables);
const random = randomFrom(options.seed);
const pick = (list) => list[Math.floor(random() * list.length)];
const chance = (probability) => random() < probability;
const upTo = (most) => 1 + Math.floor(random() * most);
const times = (count, make) => Array.from({ length: count }, make);

// What may be called: by the analyzer's own signatures.

const enumName = (names, value) => Object.keys(names).find((name) => names[name] === value);
function described(functions, allowed) {
  const { ReturnTypeKind, ParameterTypeKind, ArgumentKind } = Kusto.Symbols;
  const parameter = (p) => ({
    name: p.Name,
    kind: enumName(ParameterTypeKind, p.TypeKind),
    types: toArray(p.DeclaredTypes).map((type) => type.Name),
    argument: enumName(ArgumentKind, p.ArgumentKind),
    least: p.MinOccurring,
    most: p.MaxOccurring,
    values: toArray(p.Values),
  });
  const signature = (s) => ({
    gives: enumName(ReturnTypeKind, s.ReturnKind) === "Declared" ? s.DeclaredReturnType.Name : null,
    hidden: s.IsHidden,
    parameters: toArray(s.Parameters).map(parameter),
  });
  const takesScalars = (s) =>
    s.parameters.every((p) => p.kind !== "Tabular" && p.argument !== "Column" && !p.types.includes("type"));
  return functions
    .filter((f) => allowed.includes(f.Name))
    .map((f) => ({ name: f.Name, signatures: toArray(f.Signatures).map(signature) }))
    .filter((f) => f.signatures.every(takesScalars));
}
const scalars = described(Kusto.Functions.All, options.functions.scalar);
const aggregates = described(Kusto.Aggregates.All, options.functions.aggregate);

/** The types that a parameter takes. */
function typesOf(parameter) {
  const without = (...names) => TYPES.filter((type) => !names.includes(type));
  switch (parameter.kind) {
    case "Declared":
      return parameter.types;
    case "Integer":
      return ["int", "long"];
    case "Number":
    case "CommonNumber":
      return NUMBERS;
    case "NumberOrBool":
      return [...NUMBERS, "bool"];
    case "RealOrDecimal":
      return ["real", "decimal"];
    case "Summable":
      return [...NUMBERS, "timespan", "datetime"];
    case "Orderable":
    case "CommonOrderable":
      return [...NUMBERS, "timespan", "datetime", "string", "bool"];
    case "StringOrDynamic":
    case "StringOrArray":
      return ["string", "dynamic"];
    case "IntegerOrArray":
      return ["int", "long", "dynamic"];
    case "DynamicArray":
    case "DynamicBag":
      return ["dynamic"];
    case "NotDynamic":
      return without("dynamic");
    case "NotRealOrBool":
      return without("real", "bool");
    case "NotBool":
      return without("bool");
    default:
      return TYPES;
  }
}

// Expressions over the columns that there are.

/** The columns of the query so far: how they are written, and their types. */
let columns = [];
let named = 0;
const fresh = (letter) => `${letter}${named++}`;
const constant = (type) => pick(LITERALS[type]);
const plain = (list) => list.filter((column) => column.type !== "dynamic");
const written = (name) => (/^[A-Za-z_]\w*$/.test(name) ? name : `['${name}']`);

function call(name, signature, depth) {
  const values = [];
  let common = null;
  for (const parameter of signature.parameters) {
    if (parameter.least === 0 && chance(0.5)) break;
    const count = parameter.most > 1 ? Math.max(parameter.least, 1) + Math.floor(random() * 2) : 1;
    for (let i = 0; i < count; i++) {
      let type = pick(typesOf(parameter));
      if (parameter.kind.startsWith("Common")) {
        common ??= pick(typesOf(parameter).filter((t) => t !== "dynamic"));
        type = common;
      }
      if (parameter.values.length > 0) values.push(`"${pick(parameter.values)}"`);
      else if (/^percentile|^accuracy$|^maxSize$/.test(parameter.name)) values.push(String(upTo(4)));
      else if (/^(Constant|Literal)/.test(parameter.argument)) values.push(constant(type));
      else values.push(expression(type, depth - 1));
    }
  }
  return `${name}(${values.join(", ")})`;
}

function expression(type, depth) {
  const own = columns.filter((column) => column.type === type);
  const leaf = () => (own.length > 0 && chance(0.7) ? pick(own).text : constant(type));
  if (depth <= 0 || chance(0.3)) return leaf();
  if (chance(0.35)) {
    const able = scalars.filter((f) => f.signatures.some((s) => s.gives === type && !s.hidden));
    if (able.length === 0) return leaf();
    const found = pick(able);
    return call(found.name, pick(found.signatures.filter((s) => s.gives === type && !s.hidden)), depth);
  }
  const inner = (of) => expression(of, depth - 1);
  const any = () => inner(pick(TYPES));
  const sum = (left, right) => `(${inner(left)} ${pick(["+", "-", "*", "/", "%"])} ${inner(right)})`;
  switch (type) {
    case "bool":
      return pick([
        () => `(${inner(pick(NUMBERS))} ${pick(["<", ">=", "==", "!="])} ${inner(pick(["int", "long", "real"]))})`,
        () => `(${inner("string")} ${pick(TEXT_OPERATORS)} ${constant("string")})`,
        () => `(${inner("bool")} ${pick(["and", "or"])} ${inner("bool")})`,
        () => `(${inner("datetime")} ${pick(["<", ">"])} ${inner("datetime")})`,
        () => `(${inner("string")} ${pick(["in", "in~", "!in", "has_any", "has_all"])} ('a', 'b'))`,
        () => `(${inner("long")} between (1 .. 5))`,
        () => `not(${inner("bool")})`,
        () => `isempty(${any()})`,
        () => `(${inner("dynamic")} == ${any()})`,
      ])();
    case "long":
      return sum(pick(["int", "long"]), pick(["int", "long"]));
    case "real":
      return sum("real", pick(["int", "long", "real"]));
    case "decimal":
      return sum("decimal", pick(NUMBERS));
    case "timespan":
      return pick([
        () => `(${inner("datetime")} - ${inner("datetime")})`,
        () => `(${inner("timespan")} * ${inner(pick(["int", "long", "real"]))})`,
        () => `(-${expression("timespan", 0)})`,
      ])();
    case "datetime":
      return `(${inner("datetime")} ${pick(["+", "-"])} ${inner("timespan")})`;
    case "string":
      return pick([
        () => `strcat(${inner("string")}, ${any()})`,
        () => `tostring(${any()})`,
        () => `iff(${inner("bool")}, ${inner("string")}, 'x')`,
      ])();
    case "dynamic":
      return pick([
        () => `${own.length > 0 ? pick(own).text : "dynamic([1])"}[0]`,
        () => `parse_json(${inner("string")})`,
        () => `pack_array(${any()}, 1)`,
      ])();
    default:
      return leaf();
  }
}
const TEXT_OPERATORS =
  "has contains startswith =~ !~ == !has endswith_cs hasprefix has_cs !contains_cs !endswith".split(" ").concat("matches regex");

// Operators, each made from the columns that come in; an operator that needs what is not there is no operator.

const items = (count, make) => times(upTo(count), make).join(", ");
const any = () => expression(pick(TYPES), 2);
const aggregate = () => {
  const found = pick(aggregates);
  return call(found.name, pick(found.signatures), 2);
};
/** A table to put beside the rows, with a column `jk` of a type. */
const other = (type, rest) => `(T | project jk = ${type}_, ${rest})`;
const onKey = (make) => (pick(plain(columns).filter((column) => /^\w+$/.test(column.text))) ? make() : "take 1");
const key = () => pick(plain(columns).filter((column) => /^\w+$/.test(column.text)));

const OPERATORS = {
  where: () => `where ${expression("bool", 3)}`,
  extend: () => `extend ${items(3, () => (chance(0.6) ? `${fresh("e")} = ${any()}` : any()))}`,
  project: () =>
    `project ${items(4, () => (chance(0.4) ? `${fresh("p")} = ${any()}` : chance(0.5) ? pick(columns).text : any()))}`,
  summarize: () => {
    const group = () =>
      chance(0.3) || plain(columns).length === 0
        ? `${fresh("k")} = ${expression(pick(TYPES.filter((type) => type !== "dynamic")), 1)}`
        : pick(plain(columns)).text;
    const by = chance(0.6) ? ` by ${items(2, group)}` : "";
    return `summarize ${items(3, () => (chance(0.4) ? `${fresh("s")} = ${aggregate()}` : aggregate()))}${by}`;
  },
  distinct: () => onKey(() => `distinct ${key().text}`),
  sort: () => onKey(() => `sort by ${key().text}${pick([" asc", "", " desc nulls first"])}`),
  top: () => onKey(() => `top 3 by ${key().text}`),
  take: () => `take ${upTo(5)}`,
  count: () => (chance(0.2) ? "count" : "take 2"),
  projectAway: () => (columns.length > 1 ? `project-away ${pick(columns).text}` : "take 1"),
  projectKeep: () => `project-keep ${pick(columns).text}, ${pick(columns).text.slice(0, 1)}*`,
  projectRename: () => `project-rename ${fresh("r")} = ${pick(columns).text}`,
  projectReorder: () =>
    `project-reorder ${pick(columns).text}, ${pick(columns).text.slice(0, 1)}* ${pick(["asc", "desc", ""])}`,
  union: () => {
    const how = pick(["", "kind=outer ", `withsource=${fresh("w")} `]);
    return `union ${how}(T | project ${pick(TYPES)}_, x = ${constant(pick(TYPES))})`;
  },
  join: () =>
    onKey(() => {
      const { text, type } = key();
      const kind = pick(["inner", "leftouter", "leftanti", "rightsemi", "fullouter", "innerunique"]);
      return `join kind=${kind} ${other(type, "string_")} on $left.${text} == $right.jk`;
    }),
  lookup: () =>
    onKey(() => {
      const { text, type } = key();
      return `lookup ${other(type, "string_, guid_")} on $left.${text} == $right.jk`;
    }),
  mvExpand: () => {
    const found = pick(columns.filter((column) => column.type === "dynamic" && /^\w+$/.test(column.text)));
    if (!found) return "take 1";
    const name = chance(0.5) ? `${fresh("m")} = ` : "";
    return `mv-expand ${name}${found.text}${chance(0.4) ? ` to typeof(${pick(TYPES)})` : ""}`;
  },
  parse: () =>
    onKey(() => `parse tostring(${key().text}) with * "a" ${fresh("a")}:${pick(["long", "string", "real"])} "b" *`),
};

const accepted = (answer) => answer.columns?.every(([, type]) => TYPES.includes(type)) ?? false;
function learn(answer) {
  columns = answer.columns.map(([name, type]) => ({ text: written(name), type }));
}

/** A query and its answer, grown operator by operator; null when a step is not accepted. */
function wellTyped() {
  named = 0;
  let text = chance(0.7) || tables.size === 0 ? `${EVERY_TYPE}T` : `${EVERY_TYPE}${pick([...tables.keys()])}`;
  let answer = ask(Kusto, text, globals);
  for (let step = upTo(4); step > 0; step--) {
    learn(answer);
    if (columns.length === 0) return null;
    text += `\n| ${OPERATORS[pick(Object.keys(OPERATORS))]()}`;
    answer = ask(Kusto, text, globals);
    if (!accepted(answer)) return null;
  }
  return answer;
}

/** A well-typed query in whose last operator a word was replaced, and why it is rejected; null when it is not. */
function illTyped() {
  const good = wellTyped();
  if (!good) return null;
  const start = good.query.lastIndexOf("\n| ") + 3;
  const words = good.query.slice(start).split(/(\W)/);
  const places = words.map((word, at) => (/^\w+$/.test(word) ? at : -1)).filter((at) => at > 0);
  if (places.length === 0) return null;
  words[pick(places)] = pick([...WRONG_WORDS, words[pick(places)]]);
  const answer = ask(Kusto, good.query.slice(0, start) + words.join(""), globals);
  return answer.errors.length > 0 ? answer : null;
}

function print(count, make) {
  const seen = new Set();
  for (let tries = 0; seen.size < count; tries++) {
    if (tries > count * 100) throw new Error(`only ${seen.size} of ${count} queries were found`);
    const answer = make();
    if (!answer || seen.has(answer.query)) continue;
    seen.add(answer.query);
    process.stdout.write(JSON.stringify(answer) + "\n");
  }
}
print(options.well, wellTyped);
print(options.ill, illTyped);
