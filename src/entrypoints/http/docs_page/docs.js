/** Shows the OpenAPI document of this server. All text goes in as text, never as markup. */

const METHODS = ['get', 'post', 'patch', 'put', 'delete'];

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Puts what stands between backticks into code elements. */
function prose(text) {
  return text.split('`').map((part, index) => (index % 2 === 1 ? element('code', {}, part) : part));
}

function schemaName(reference) {
  return reference.split('/').at(-1);
}

function resolved(api, value) {
  if (value.$ref === undefined) return value;
  return value.$ref.slice(2).split('/').reduce((found, key) => found[key], api);
}

/** A short word for a schema, with links to the ones that have a name. */
function kind(schema) {
  if (schema.$ref !== undefined) {
    const name = schemaName(schema.$ref);
    return [element('a', { href: `#schema-${name}` }, name)];
  }
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return choices.flatMap((one, index) => (index > 0 ? [' or ', ...kind(one)] : kind(one)));
  if (schema.enum !== undefined) return [schema.enum.map((one) => JSON.stringify(one)).join(', ')];
  if (schema.const !== undefined) return [JSON.stringify(schema.const)];
  if (schema.type === 'array') return ['list of ', ...kind(schema.items ?? {})];
  const word = schema.format === undefined ? schema.type : `${schema.type} (${schema.format})`;
  return [word ?? 'anything'];
}

function rows(entries, headings) {
  const head = element('tr', {}, ...headings.map((heading) => element('th', { scope: 'col' }, heading)));
  return element('table', {}, element('thead', {}, head), element('tbody', {}, ...entries));
}

function row(...cells) {
  return element('tr', {}, ...cells.map((cell) => element('td', {}, ...[cell].flat())));
}

function parameters(operation) {
  if (operation.parameters.length === 0) return null;
  const entries = operation.parameters.map((one) =>
    row(element('code', {}, one.name), one.in, kind(one.schema), prose(one.description ?? '')),
  );
  return element('section', {}, element('h4', {}, 'Parameters'), rows(entries, ['Name', 'In', 'Kind', '']));
}

function requestBody(operation) {
  const content = operation.requestBody?.content['application/json'];
  if (content === undefined) return null;
  const example = content.example;
  return element(
    'section',
    {},
    element('h4', {}, 'Body'),
    element('p', {}, ...kind(content.schema)),
    example === undefined ? null : element('pre', {}, JSON.stringify(example, null, 2)),
  );
}

function responses(api, operation) {
  const entries = Object.entries(operation.responses).map(([status, said]) => {
    const response = resolved(api, said);
    const [content] = Object.values(response.content ?? {});
    return row(element('code', {}, status), prose(response.description), content === undefined ? '' : kind(content.schema));
  });
  return element('section', {}, element('h4', {}, 'Answers'), rows(entries, ['Status', '', 'Kind']));
}

function article(api, path, method, operation) {
  const open = operation.security.length === 0;
  return element(
    'article',
    { id: operation.operationId },
    element(
      'details',
      {},
      element(
        'summary',
        {},
        element('span', { class: 'method' }, method.toUpperCase()),
        element('code', {}, path),
        element('span', { class: 'quiet' }, operation.summary),
      ),
      element(
        'div',
        { class: 'body' },
        element('p', { class: 'quiet' }, open ? 'No sign-in needed.' : 'Takes a bearer token.'),
        parameters(operation),
        requestBody(operation),
        responses(api, operation),
      ),
    ),
  );
}

function schemaArticle(name, schema) {
  const required = new Set(schema.required ?? []);
  const entries = Object.entries(schema.properties ?? {}).map(([field, value]) =>
    row(element('code', {}, field), required.has(field) ? '' : 'optional', kind(value), prose(value.description ?? '')),
  );
  return element(
    'article',
    { id: `schema-${name}` },
    element(
      'div',
      { class: 'body' },
      element('h3', {}, name),
      element('p', {}, ...prose(schema.description ?? '')),
      entries.length > 0 ? rows(entries, ['Field', '', 'Kind', '']) : element('p', {}, ...kind(schema)),
    ),
  );
}

function operations(api) {
  return Object.entries(api.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => method in item).map((method) => ({ path, method, operation: item[method] })),
  );
}

function show(api) {
  const contents = document.getElementById('contents');
  const reference = document.getElementById('reference');
  document.title = `${api.info.title} API`;
  const title = element('h1', {}, `${api.info.title} API `, element('small', { class: 'quiet' }, api.info.version));
  const parts = [title, element('p', {}, ...prose(api.info.description))];
  const links = [];
  const all = operations(api);
  for (const { name } of api.tags) {
    const here = all.filter(({ operation }) => operation.tags.includes(name));
    parts.push(element('h2', {}, name), ...here.map((one) => article(api, one.path, one.method, one.operation)));
    const entries = here.map(({ operation }) =>
      element('li', {}, element('a', { href: `#${operation.operationId}` }, operation.summary)),
    );
    links.push(element('strong', {}, name), element('ul', {}, ...entries));
  }
  parts.push(element('h2', { id: 'schemas' }, 'Values'));
  for (const [name, schema] of Object.entries(api.components.schemas)) parts.push(schemaArticle(name, schema));
  links.push(element('a', { href: '#schemas' }, 'Values'));
  contents.replaceChildren(...links);
  reference.replaceChildren(...parts);
  reference.removeAttribute('aria-busy');
}

/** Opens what the address points at. */
function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const details = target?.querySelector('details');
  if (details) details.open = true;
  target?.scrollIntoView();
}

try {
  const response = await fetch('/api/v1/openapi.json');
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  show(await response.json());
  openTarget();
  addEventListener('hashchange', openTarget);
} catch (error) {
  document.getElementById('reference').textContent = `The description can't be read: ${error.message}`;
}
