// Shows /openapi.json. Everything from the document enters the page as text, never as markup.

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** An element with attributes and children; strings become text nodes. */
function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** A schema in one short line. */
function typeOf(schema) {
  if (!schema) return '';
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const any = schema.anyOf ?? schema.oneOf;
  if (any) return any.map(typeOf).join(' | ');
  const type = Array.isArray(schema.type) ? schema.type.join(' | ') : (schema.type ?? 'any');
  if (type === 'array') return `list of ${typeOf(schema.items)}`;
  const limits = [];
  if (schema.minimum !== undefined && schema.minimum > -9e15) limits.push(`≥ ${schema.minimum}`);
  if (schema.maximum !== undefined && schema.maximum < 9e15) limits.push(`≤ ${schema.maximum}`);
  if (schema.maxLength !== undefined) limits.push(`≤ ${schema.maxLength} characters`);
  if (schema.format) limits.push(schema.format);
  if (schema.default !== undefined) limits.push(`default ${JSON.stringify(schema.default)}`);
  return limits.length === 0 ? type : `${type} (${limits.join(', ')})`;
}

/** The object inside nullable and list schemas, if there is one. */
function objectIn(schema) {
  if (schema?.properties) return schema;
  if (schema?.items) return objectIn(schema.items);
  for (const one of schema?.anyOf ?? []) {
    const found = objectIn(one);
    if (found) return found;
  }
  return undefined;
}

/** Rows for the fields of an object, with those of its objects below them. */
function fieldRows(schema, before, depth) {
  const object = objectIn(schema);
  if (!object || depth > 3) return [];
  const required = new Set(object.required ?? []);
  return Object.entries(object.properties).flatMap(([name, field]) => [
    row(before + name, required.has(name) && depth === 0, field),
    ...fieldRows(field, `${before}${name}.`, depth + 1),
  ]);
}

function row(name, required, schema) {
  const label = make('td', {}, make('code', {}, name), required ? ' *' : '');
  return make('tr', {}, label, make('td', {}, typeOf(schema)), make('td', { class: 'text' }, schema?.description ?? ''));
}

function block(title, rows) {
  return rows.length === 0 ? [] : [make('h3', {}, title), make('table', {}, make('tbody', {}, ...rows))];
}

function responses(operation) {
  return Object.entries(operation.responses ?? {}).flatMap(([status, response]) => {
    const content = Object.entries(response.content ?? {});
    const types = content.map(([type]) => type).join(', ');
    const rows = fieldRows(content[0]?.[1].schema, '', 1);
    return rows.length === 0 ? [make('h3', {}, `${status} ${types}`)] : block(`${status} ${types}`, rows);
  });
}

/** Media types with the same fields share one table. */
function bodies(content) {
  const types = new Map();
  for (const [type, { schema }] of Object.entries(content)) {
    const key = JSON.stringify(schema);
    types.set(key, { schema, names: [...(types.get(key)?.names ?? []), type] });
  }
  return [...types.values()].flatMap(({ schema, names }) => block(`Body ${names.join(' or ')}`, fieldRows(schema, '', 0)));
}

function operationDetails(path, method, operation) {
  const parameters = (operation.parameters ?? []).map((one) =>
    row(`${one.name} (${one.in})`, one.required, { description: one.description, ...one.schema }),
  );
  const body = bodies(operation.requestBody?.content ?? {});
  const inside = make(
    'div',
    { class: 'inside' },
    ...(operation.description ? [make('p', {}, operation.description)] : []),
    ...block('Parameters', parameters),
    ...body,
    ...responses(operation),
  );
  const summary = make(
    'summary',
    {},
    make('span', { class: `method ${method}` }, method.toUpperCase()),
    make('span', { class: 'path' }, path),
    make('span', { class: 'text' }, operation.summary ?? ''),
  );
  const details = make('details', {}, summary, inside);
  details.dataset.words = `${method} ${path} ${operation.summary ?? ''}`.toLowerCase();
  return details;
}

/** Operations by their first tag, in the document's order. */
function byTag(spec) {
  const groups = new Map();
  for (const [path, methods] of Object.entries(spec.paths)) {
    for (const method of METHODS) {
      const operation = methods[method];
      if (!operation) continue;
      const tag = operation.tags?.[0] ?? 'other';
      groups.set(tag, [...(groups.get(tag) ?? []), operationDetails(path, method, operation)]);
    }
  }
  return groups;
}

function show(spec) {
  document.getElementById('about').textContent = spec.info.description ?? '';
  const main = document.getElementById('main');
  const nav = document.getElementById('nav');
  main.replaceChildren();
  for (const [tag, operations] of byTag(spec)) {
    main.append(make('section', {}, make('h2', { id: tag }, tag), ...operations));
    nav.append(make('a', { href: `#${tag}` }, tag));
  }
  document.getElementById('find').addEventListener('input', (event) => find(event.target.value));
}

/** Hides operations, and sections left empty, that do not hold every word. */
function find(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  for (const section of document.querySelectorAll('main section')) {
    let shown = 0;
    for (const details of section.querySelectorAll('details')) {
      details.hidden = !words.every((word) => details.dataset.words.includes(word));
      if (!details.hidden) shown++;
    }
    section.hidden = shown === 0;
  }
}

fetch('/openapi.json')
  .then((response) => response.json())
  .then(show)
  .catch(() => {
    document.getElementById('main').textContent = 'The OpenAPI document could not be loaded.';
  });
