// Every language has every text, and every text that the page asks for is there.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import en from '../../src/i18n/en.json';
import fr from '../../src/i18n/fr.json';

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : /\.(svelte|ts)$/.test(name) ? [path] : [];
  });
}

describe('languages', () => {
  it('have the same texts with the same values in them', () => {
    expect(Object.keys(fr)).toEqual(Object.keys(en));
    const values = (text: string) => [...text.matchAll(/\{\w+\}/g)].map((found) => found[0]).sort();
    for (const [key, text] of Object.entries(en)) expect(values((fr as Record<string, string>)[key]!), key).toEqual(values(text));
  });

  it('have every text the page asks for', () => {
    for (const file of files('src')) {
      for (const found of readFileSync(file, 'utf8').matchAll(/\bt\('([\w.]+)'/g)) {
        const key = found[1]!;
        expect(key in en || `${key}.other` in en, `${key} in ${file}`).toBe(true);
      }
    }
  });
});
