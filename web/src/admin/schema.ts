// What an operation asks, read from the API's own document: its fields as a form shows them. Pure.

type Schema = Record<string, unknown> & {
  type?: string | string[];
  $ref?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  enum?: string[];
  const?: string;
  description?: string;
  format?: string;
  items?: Schema;
};

interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  description?: string;
  schema: Schema;
}

export interface Document {
  paths: Record<string, Record<string, { operationId: string; summary: string; parameters?: Parameter[]; requestBody?: { content: Record<string, { schema: Schema }> } }>>;
  components: { schemas: Record<string, Schema> };
}

export type Kind = 'text' | 'long' | 'secret' | 'number' | 'yes' | 'choice' | 'list' | 'moment' | 'file';

export interface Field {
  name: string;
  place: 'path' | 'query' | 'body';
  kind: Kind;
  required: boolean;
  /** Whether it can be without a value. */
  optional: boolean;
  about: string;
  choices: string[];
}

export interface Operation {
  id: string;
  method: string;
  path: string;
  summary: string;
  fields: Field[];
  /** Whether it can be asked what would change. */
  rehearses: boolean;
  hasBody: boolean;
}

/** Fields that are more than a line. */
const LONG = new Set(['description', 'replaceMessage']);
const FILES = new Set(['ldif', 'rows']);
/** Fields no form asks for: pages are asked for by buttons, a file of the server's machine is for its shell, and the rest is always refused. */
export const UNASKED = new Set(['limit', 'cursor', 'file', 'fileServiceUrl', 'maxChatContentSizeMB']);

/** The operation of a name. */
export function operation(document: Document, id: string): Operation {
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, one] of Object.entries(methods)) {
      if (one.operationId !== id) continue;
      const parameters = (one.parameters ?? []).filter((parameter) => parameter.in !== 'header' && parameter.name !== 'dryRun');
      const fields = parameters.map((parameter) =>
        field(document, parameter.name, parameter.in as 'path' | 'query', parameter.schema, parameter.required ?? false, parameter.description),
      );
      const schema = resolved(document, one.requestBody?.content['application/json']?.schema);
      for (const [name, part] of Object.entries(schema?.properties ?? {})) {
        fields.push(field(document, name, 'body', part, schema?.required?.includes(name) ?? false));
      }
      const rehearses = (one.parameters ?? []).some((parameter) => parameter.name === 'dryRun');
      return { id, method: method.toUpperCase(), path: path.replace('/api/v1', ''), summary: one.summary, fields, rehearses, hasBody: schema !== undefined };
    }
  }
  throw new Error(`the document has no operation ${id}`);
}

function resolved(document: Document, schema: Schema | undefined): Schema | undefined {
  if (!schema?.$ref) return schema;
  return document.components.schemas[schema.$ref.split('/').at(-1)!];
}

function field(document: Document, name: string, place: Field['place'], schema: Schema, required: boolean, about?: string): Field {
  const forms = flat(document, schema);
  const types = forms.flatMap((form) => form.type ?? []).flat();
  const choices = forms.flatMap((form) => form.enum ?? (form.const !== undefined ? [form.const] : []));
  return {
    name,
    place,
    kind: kindOf(name, schema, forms, types, choices),
    required,
    optional: !required,
    about: about ?? schema.description ?? '',
    choices: [...new Set(choices.map(String))],
  };
}

function kindOf(name: string, schema: Schema, forms: Schema[], types: string[], choices: unknown[]): Kind {
  if (schema['x-list'] === true) return 'list';
  if (choices.length > 0) return 'choice';
  if (types.includes('boolean')) return 'yes';
  if (types.includes('integer') || types.includes('number')) return 'number';
  if (types.includes('array')) return 'list';
  if (forms.some((form) => form.format === 'date-time') || /date$/i.test(name)) return 'moment';
  if (name === 'password') return 'secret';
  if (FILES.has(name)) return 'file';
  return LONG.has(name) ? 'long' : 'text';
}

/** All forms a value can have. */
function flat(document: Document, schema: Schema): Schema[] {
  const whole = resolved(document, schema) ?? schema;
  const inner = [...(whole.anyOf ?? []), ...(whole.oneOf ?? [])];
  return inner.length === 0 ? [whole] : inner.flatMap((form) => flat(document, form));
}

export type Values = Record<string, unknown>;

/** What is sent: what differs from what is there, lists by what is added and taken away. */
export function body(fields: readonly Field[], values: Values, before: Values | null): Values {
  const sent: Values = {};
  for (const one of fields) {
    if (one.place !== 'body') continue;
    const [now, old] = [values[one.name], before?.[one.name]];
    if (one.kind === 'list') {
      const [all, had] = [(now as string[] | undefined) ?? [], (old as string[] | undefined) ?? []];
      const add = all.filter((item) => !had.includes(item));
      const remove = had.filter((item) => !all.includes(item));
      if (add.length + remove.length > 0) sent[one.name] = { add, remove };
    } else if (before && same(now, old)) {
      continue;
    } else if (now === '' || now === undefined || now === null) {
      // Emptied: what had a value and can be without one loses it.
      if (before && old) sent[one.name] = one.kind === 'text' && one.name === 'addIn' ? null : '';
    } else {
      sent[one.name] = one.kind === 'number' ? Number(now) : one.kind === 'moment' ? momentOf(String(now)) : now;
    }
  }
  return sent;
}

/** What is asked in the address. */
export function search(fields: readonly Field[], values: Values): Record<string, string> {
  const all = fields.filter((one) => one.place === 'query').map((one) => {
    const now = values[one.name];
    return [one.name, one.kind === 'moment' && now ? momentOf(String(now)) : now];
  });
  return Object.fromEntries(all) as Record<string, string>;
}

/** A moment as the API takes it: a time of a day where the reader is gets its zone, a day alone stays one. */
export function momentOf(text: string): string {
  const date = new Date(text);
  return text.includes('T') && !Number.isNaN(date.getTime()) ? date.toISOString() : text;
}

/** The first field that cannot be sent as it is, and the text that says why. */
export function unready(fields: readonly Field[], values: Values): { name: string; text: string } | null {
  for (const one of fields) {
    const now = [values[one.name] ?? ''].flat().join('');
    if (one.required && now === '') return { name: one.name, text: 'form.required' };
    if (one.kind === 'moment' && now.startsWith('T')) return { name: one.name, text: 'form.day' };
  }
  return null;
}

function same(one: unknown, other: unknown): boolean {
  return (one ?? '') === (other ?? '') || JSON.stringify(one) === JSON.stringify(other);
}

/** The address of an operation with the fields of its path put in. */
export function addressOf(path: string, values: Values): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name] ?? '')));
}

let asked: Promise<Document> | null = null;

/** The API's document, asked for once. */
export function apiDocument(): Promise<Document> {
  asked ??= fetch('/api/v1/openapi.json').then((answer) => answer.json() as Promise<Document>);
  return asked;
}
