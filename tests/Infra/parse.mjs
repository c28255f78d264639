// Reads every .bicep and .bicepparam file below a folder with tree-sitter's Bicep grammar and prints, as JSON, what they
// declare and use. It judges nothing: the tests do.
// usage: node tests/Infra/parse.mjs infra
import { createRequire } from 'node:module';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(resolve(dirname(fileURLToPath(import.meta.url)), '../../scripts/package.json'));
const { Parser, Language } = require('web-tree-sitter');
const root = resolve(process.argv[2]);

await Parser.init();
const parser = new Parser();
parser.setLanguage(await Language.load(join(dirname(require.resolve('tree-sitter-bicep/package.json')), 'tree-sitter-bicep.wasm')));

let source = '';

const files = readdirSync(root, { recursive: true }).map(String).filter((f) => /\.bicep(param)?$/.test(f)).sort();
console.log(JSON.stringify(files.map((f) => (f.endsWith('param') ? readParameters(f) : readBicep(f)))));

function readBicep(file) {
  source = readFileSync(join(root, file), 'utf8');
  const tree = parser.parse(source).rootNode;
  const model = {
    path: file.split(sep).join('/'), errors: errorsOf(tree), scope: 'resourceGroup',
    imports: [], types: {}, variables: {}, parameters: {}, outputs: {}, resources: [], modules: [],
    moduleOutputs: [], locals: [], used: [], calls: [], strings: [], keys: [],
  };
  let decorators = [];
  for (const node of tree.namedChildren) {
    if (node.type === 'decorators') { decorators = node.namedChildren.map((d) => d.text.slice(1)); continue; }
    declare(model, node, decorators);
    decorators = [];
  }
  walk(tree, (node) => collect(model, node));
  return model;
}

// A parameter file is not in the grammar: `using` is taken off and `param` read as `var`.
function readParameters(file) {
  const text = readFileSync(join(root, file), 'utf8');
  const using = /^using '([^']+)'$/m.exec(text)?.[1] ?? null;
  const tree = parser.parse(text.replace(/^using .*$/m, '').replace(/^param /gm, 'var ')).rootNode;
  const values = {};
  for (const node of tree.namedChildren.filter((n) => n.type === 'variable_declaration')) values[node.namedChildren[0].text] = valueOf(node.namedChildren[1]);
  return { path: file.split(sep).join('/'), errors: errorsOf(tree), using, values };
}

function declare(model, node, decorators) {
  const name = node.namedChildren[0]?.text;
  const described = decorators.some((d) => /^(sys\.)?description\(/.test(d));
  const secure = decorators.includes('secure()');
  const exported = decorators.includes('export()');
  switch (node.type) {
    case 'target_scope_assignment': model.scope = node.namedChildren[0].text.slice(1, -1); break;
    case 'import_functionality': {
      const from = node.namedChildren.find((c) => c.type === 'string');
      model.imports.push({ from: plain(from), names: node.namedChildren.filter((c) => c.type === 'identifier').map((c) => c.text) });
      break;
    }
    case 'type_declaration': model.types[name] = { exported, described, ...shapeOf(node.namedChildren[1]), text: node.text }; break;
    case 'variable_declaration': model.variables[name] = { exported, described, value: valueOf(node.namedChildren[1]) }; break;
    case 'parameter_declaration': {
      const type = node.namedChildren[1].text;
      model.parameters[name] = { type, described, secure, required: node.namedChildren.length < 3 && !type.endsWith('?'), value: node.namedChildren.length > 2 ? node.namedChildren[2].text : null, ...boundsOf(decorators) };
      break;
    }
    case 'output_declaration': {
      const calls = [];
      walk(node, (n) => { if (n.type === 'call_expression') calls.push(n.childForFieldName('function').text); });
      model.outputs[name] = { type: node.namedChildren[1].text, described, secure, text: node.text, calls, value: valueOf(node.namedChildren[2]) };
      break;
    }
    default: break;
  }
}

function collect(model, node) {
  const parent = node.parent;
  switch (node.type) {
    case 'resource_declaration': {
      const [type, apiVersion] = plain(node.namedChildren[1]).split('@');
      model.resources.push({
        symbol: node.namedChildren[0].text, type, apiVersion: apiVersion ?? null, nested: parent.type === 'object_property',
        existing: node.children.some((c) => c.type === 'existing' || c.text === 'existing'), text: node.text, properties: paths(bodyOf(node)), body: bodyValue(node),
      });
      break;
    }
    case 'module_declaration': {
      const body = bodyOf(node);
      const params = body && entriesOf(body).find(([key]) => key === 'params')?.[1];
      const named = body && entriesOf(body).find(([key]) => key === 'name')?.[1];
      model.modules.push({
        symbol: node.namedChildren[0].text, path: plain(node.namedChildren[1]), name: named?.text ?? null,
        scope: (body && entriesOf(body).find(([key]) => key === 'scope')?.[1].text) ?? null,
        params: params ? Object.fromEntries(entriesOf(params).map(([key, value]) => [key, value.text])) : {}, body: bodyValue(node),
      });
      break;
    }
    case 'member_expression': {
      const [object, property] = [node.childForFieldName('object'), node.childForFieldName('property')];
      if (object?.type === 'member_expression' && object.childForFieldName('property')?.text === 'outputs') {
        let base = object.childForFieldName('object');
        if (base.type === 'subscript_expression') base = base.childForFieldName('object');
        model.moduleOutputs.push({ module: base.text, output: property.text, line: node.startPosition.row + 1 });
      }
      break;
    }
    case 'call_expression': model.calls.push(node.childForFieldName('function').text); break;
    case 'string': model.strings.push(node.text.slice(1, -1).replace(/\$\{[^}]*\}/g, '{}')); break;
    case 'loop_variable': case 'loop_enumerator': model.locals.push(node.text); break;
    case 'lambda_expression': {
      const head = node.namedChildren[0];
      for (const n of head.type === 'identifier' ? [head] : head.namedChildren) model.locals.push(n.text);
      break;
    }
    case 'identifier':
      // In an array the grammar takes `[f(x)]` apart into a name and an expression in brackets.
      if (source[node.endIndex] === '(' && parent.type === 'array') { model.calls.push(node.text); break; }
      if (parent.type === 'for_statement' && parent.namedChildren[0].equals(node)) { model.locals.push(node.text); break; }
      if (parent.type === 'object_property' && parent.namedChildren[0].equals(node)) { model.keys.push(node.text); break; }
      if (/_declaration$|^import_functionality$/.test(parent.type) && (parent.type === 'import_functionality' || parent.namedChildren[0].equals(node))) break;
      if (parent.type === 'call_expression' && parent.childForFieldName('function').equals(node)) break;
      if (parent.type === 'resource_expression' && !parent.childForFieldName('object').equals(node)) break;
      model.used.push({ name: node.text, line: node.startPosition.row + 1 });
      break;
    default: break;
  }
}

function errorsOf(tree) {
  const errors = [];
  const visit = (node) => {
    if (node.isError || node.isMissing) errors.push({ line: node.startPosition.row + 1, column: node.startPosition.column + 1, text: node.text.slice(0, 80) });
    else if (node.hasError) node.children.forEach(visit);
  };
  visit(tree);
  return errors;
}

function walk(node, visit) { visit(node); node.namedChildren.forEach((child) => walk(child, visit)); }

/** The object that a resource's or module's loops and conditions wrap. */
function bodyOf(node) {
  if (!node || node.type === 'object') return node ?? null;
  return node.namedChildren.map((c) => (['object', 'for_statement', 'if_statement'].includes(c.type) ? bodyOf(c) : null)).findLast((c) => c) ?? null;
}

/** The same with its loops and conditions around it, as a value. */
function bodyValue(node) {
  const body = node.namedChildren.findLast((c) => ['object', 'for_statement', 'if_statement', 'array'].includes(c.type));
  return body ? valueOf(body) : { object: {} };
}

function entriesOf(object) {
  return object.namedChildren.filter((p) => p.type === 'object_property' && p.namedChildren.length > 1)
    .map((p) => [p.namedChildren[0].type === 'string' ? plain(p.namedChildren[0]) : p.namedChildren[0].text, p.namedChildren[1]]);
}

/** Dotted paths of everything an object sets, through arrays, conditions and function calls. */
function paths(node, prefix = '') {
  if (!node) return [];
  if (node.type === 'object') return entriesOf(node).flatMap(([key, value]) => [prefix + key, ...paths(value, `${prefix}${key}.`)]);
  if (node.type === 'member_expression' || node.type === 'resource_declaration') return [];
  return node.namedChildren.flatMap((c) => (c.type === 'decorators' ? [] : paths(c, prefix)));
}

/**
 * What an expression is made of: object, array, literal (with its kind), either (branches), call with args, lambda, each
 * (a loop). Anything else is an expression: its text, and its kind where the syntax alone settles it.
 */
function valueOf(node) {
  // The grammar ends a lambda too early when an index, a member or ?? follows: its body is read by itself.
  const lambda = /^(?:(\w+)|\(([^)]*)\))\s*=>\s*/.exec(node?.text ?? '');
  if (lambda) return { lambda: { names: (lambda[1] ?? lambda[2]).split(/,\s*/), body: valueOf(parser.parse(`var x = ${node.text.slice(lambda[0].length)}`).rootNode.namedChildren[0].namedChildren[1]) } };
  switch (node?.type) {
    case 'object': return { object: Object.fromEntries(entriesOf(node).map(([key, value]) => [key, valueOf(value)])) };
    case 'array': {
      const items = node.namedChildren.filter((c) => c.type !== 'comment');
      if (items.length === 1 && items[0].type === 'for_statement') return valueOf(items[0]);
      // As above: what touches is one element.
      const elements = [];
      for (const item of items) {
        const last = elements.at(-1);
        if (last?.at(-1).endIndex === item.startIndex) last.push(item);
        else elements.push([item]);
      }
      return { array: elements.map((parts) => {
        if (parts.length === 1) return valueOf(parts[0]);
        const expression = parts.map((p) => p.text).join('');
        return parts.length === 2 && parts[1].type === 'parenthesized_expression' ? { expression, call: parts[0].text, args: parts[1].namedChildren.map(valueOf) } : { expression };
      }) };
    }
    case 'string': return /\$\{/.test(node.text) ? { expression: node.text, kind: 'string' } : { literal: plain(node), kind: 'string' };
    case 'number': return { literal: node.text, kind: 'int' };
    case 'boolean': return { literal: node.text, kind: 'bool' };
    case 'null': return { literal: 'null', kind: 'null' };
    case 'parenthesized_expression': return valueOf(node.namedChildren[0]);
    case 'if_statement': return valueOf(node.namedChildren.at(-1));
    case 'ternary_expression': case 'binary_expression': case 'unary_expression': return operationOf(node, '');
    case 'member_expression': case 'subscript_expression': {
      // The grammar lets `a ? b : c.d` and `!a.b` end before the dot: what follows belongs to the last operand.
      let base = node;
      while (/^(member|subscript)_expression$/.test(base.type)) base = base.namedChildren[0];
      if (/^(ternary|binary|unary)_expression$/.test(base.type)) return operationOf(base, node.text.slice(base.endIndex - node.startIndex));
      return { expression: node.text };
    }
    case 'for_statement': {
      const [head, over, body] = node.namedChildren;
      const names = head.type === 'for_loop_parameters' ? head.namedChildren.map((c) => c.text) : [head.text];
      return { each: { names, over: valueOf(over), body: valueOf(body) } };
    }
    case 'call_expression': {
      const name = node.childForFieldName('function').text;
      const args = node.namedChildren.find((c) => c.type === 'arguments');
      return { expression: node.text, call: name, args: args ? args.namedChildren.map(valueOf) : [] };
    }
    default: return { expression: node?.text ?? '' };
  }
}

function operationOf(node, rest) {
  const expression = node.text + rest;
  const last = (n) => (rest ? { expression: n.text + rest } : valueOf(n));
  if (node.type === 'ternary_expression') return { expression, either: [valueOf(node.namedChildren[1]), last(node.namedChildren[2])] };
  if (node.type === 'unary_expression') return { expression, kind: node.text.startsWith('!') ? 'bool' : 'int' };
  const [left, right] = node.namedChildren;
  const operator = node.text.slice(left.endIndex - node.startIndex, right.startIndex - node.startIndex).trim();
  if (operator === '??') return { expression, either: [valueOf(left), last(right)] };
  return { expression, kind: /^[-+*/%]$/.test(operator) ? 'int' : 'bool' };
}

function shapeOf(node) {
  if (node.type !== 'object') return { members: null, any: false };
  const members = {};
  let bounds = {};
  for (const p of node.namedChildren) {
    if (p.type === 'decorators') bounds = boundsOf(p.namedChildren.map((d) => d.text.slice(1)));
    if (p.type !== 'object_property') continue;
    if (p.namedChildren.length > 1) {
      const type = p.namedChildren[1].text;
      members[p.namedChildren[0].text] = { type, optional: type.endsWith('?'), ...bounds };
    }
    bounds = {};
  }
  return { members, any: /^\s*\*:/m.test(node.text) };
}

/** Least and most: of a number its value, of a text or list its length. */
function boundsOf(decorators) {
  const bound = (name) => decorators.map((d) => new RegExp(`^${name}(?:Value|Length)\\((-?\\d+)\\)`).exec(d)?.[1]).find(Boolean);
  const [min, max] = [bound('min'), bound('max')];
  return { ...(min ? { min: Number(min) } : {}), ...(max ? { max: Number(max) } : {}) };
}

function plain(string) { return string.text.slice(1, -1).replace(/\\'/g, "'"); }
