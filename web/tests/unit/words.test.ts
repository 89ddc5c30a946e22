// Every language has every text, every text that the page asks for is there, and no text stands in the page itself.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NOUNS, QUESTIONS } from '../../src/admin/nouns';
import { operation, UNASKED, type Document } from '../../src/admin/schema';
import en from '../../src/i18n/english';
import fr from '../../src/i18n/french';
import hints from '../../src/i18n/hints.fr.json';

const document = JSON.parse(readFileSync('../docs/reference/openapi.json', 'utf8')) as Document & { components: { schemas: { Code: { oneOf: { const: string }[] } } } };
const texts: Record<string, string> = en;
/** What is called the same everywhere. */
const NAMES = /Causerie/g;

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : /\.(svelte|ts)$/.test(name) ? [path] : [];
  });
}

/** Every operation that some page has a form for. */
function operations(): string[] {
  const of = NOUNS.flatMap((noun) => [noun.create, noun.set, noun.remove, ...noun.actions.map((one) => one.id), ...noun.bulk.map((one) => one.id)]);
  const all = [...of, ...QUESTIONS.flatMap((one) => one.ids)];
  return [...new Set(all.filter((id) => id !== null))];
}

/** What is shown of a component as it stands there: its markup without expressions, tags and comments, and what attributes say. */
function literals(source: string): string[] {
  let markup = source.replace(/<script[\s\S]*?<\/script>|<style[\s\S]*?<\/style>|<!--[\s\S]*?-->/g, '');
  for (let before = ''; before !== markup; ) {
    before = markup;
    markup = markup.replace(/\{[^{}]*\}/g, '');
  }
  const said = [...markup.matchAll(/\s(?:aria-label|title|placeholder|alt|label)="([^"]*)"/g)].map((found) => found[1]!);
  const written = markup.replace(/<\/?[a-zA-Z][^<>]*>/g, '\n').split('\n');
  return [...said, ...written].map((text) => text.replace(NAMES, '').trim()).filter((text) => /\p{L}{2}/u.test(text));
}

describe('languages', () => {
  it('have the same texts with the same values in them', () => {
    expect(Object.keys(fr)).toEqual(Object.keys(en));
    const values = (text: string) => [...text.matchAll(/\{\w+\}/g)].map((found) => found[0]).sort();
    for (const [key, text] of Object.entries(en)) {
      const other = values((fr as Record<string, string>)[key]!);
      // A refusal that is told whole needs no words of the server.
      if (key.startsWith('problem.')) expect(values(text), key).toEqual(expect.arrayContaining(other));
      else expect(other, key).toEqual(values(text));
    }
  });

  it('have every text the page asks for', () => {
    for (const file of files('src')) {
      for (const found of readFileSync(file, 'utf8').matchAll(/\bt\('([\w.]+)'/g)) {
        const key = found[1]!;
        expect(key in texts || `${key}.other` in texts, `${key} in ${file}`).toBe(true);
      }
    }
  });

  it('have a name for every page, operation, field, choice and refusal, and a text for every hint', () => {
    const wanted = new Set<string>();
    const said = new Set<string>();
    for (const noun of NOUNS) {
      wanted.add(`panel.${noun.key}`);
      for (const column of noun.columns) wanted.add(`field.${column}`);
      for (const one of noun.bulk) wanted.add(`bulk.${one.key}`);
    }
    for (const one of QUESTIONS) wanted.add(`panel.${one.key}`);
    for (const id of operations()) {
      wanted.add(`op.${id}`);
      for (const field of operation(document, id).fields.filter((one) => !UNASKED.has(one.name))) {
        wanted.add(`field.${field.name}`);
        for (const choice of field.choices) wanted.add(`choice.${choice}`);
        if (field.about) said.add(field.about);
      }
    }
    for (const { const: code } of document.components.schemas.Code.oneOf) wanted.add(`problem.${code}`);
    expect([...wanted].filter((key) => !(key in texts))).toEqual([]);
    expect([...said].filter((text) => !(text in hints))).toEqual([]);
    expect(Object.keys(hints).filter((text) => !said.has(text)), 'nothing of old').toEqual([]);
  });

  it('are where all texts come from', () => {
    expect(literals('<p title="Two words">{t("a")} is here</p>')).toEqual(['Two words', 'is here']);
    expect(files('src').filter((file) => file.endsWith('.svelte')).flatMap((file) => literals(readFileSync(file, 'utf8')).map((text) => `${file}: ${text}`))).toEqual([]);
  });
});
