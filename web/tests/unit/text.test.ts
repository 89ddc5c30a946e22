// A text becomes parts: what is dangerous stays words.
import { describe, expect, it } from 'vitest';
import { namesOf, parts, safe, storyBody } from '../../src/chat/text';
import { ana } from './post';

const known = { mentions: [{ name: 'Bob', me: false }, { name: 'Bob Example', me: false }, { name: 'ana', me: true }] };
const shown = (text: string, words: string[] = []) => parts(text, { ...known, words }).map((part) => `${part.kind}:${part.text}`);

describe('parts', () => {
  it('finds links and leaves the end of the sentence outside', () => {
    expect(shown('see https://example.com/a(b).')).toEqual(['words:see ', 'link:https://example.com/a(b', 'words:).']);
    expect(shown('(http://example.com/x?y=1#z), ok')).toEqual(['words:(', 'link:http://example.com/x?y=1#z', 'words:), ok']);
  });

  it('makes no link of what could run or deceive', () => {
    for (const text of ['javascript:alert(1)', 'data:text/html,x', 'https://user:pass@example.com/', 'vbscript:x', 'https://']) {
      expect(shown(text).every((part) => part.startsWith('words:'))).toBe(true);
      expect(safe(text)).toBeNull();
    }
  });

  it('shows whom the server has found where the names stand, the longest first', () => {
    expect(shown('hi @Bob Example, and @ana!')).toEqual(['words:hi ', 'mention:@Bob Example', 'words:, and ', 'mention:@ana', 'words:!']);
    expect(shown('@Bob Examples')).toEqual(['mention:@Bob', 'words: Examples']);
    expect(shown('mail@ana.example')).toEqual(['words:mail@ana.example']);
    expect(shown('@anabel')).toEqual(['words:@anabel']);
    expect(shown('@ana𝒳 𝒳@ana')).toEqual(['words:@ana𝒳 𝒳@ana']);
  });

  it('finds nobody by itself', () => {
    expect(parts('@ana', {})).toEqual([{ kind: 'words', text: '@ana' }]);
    expect(shown('@carol')).toEqual(['words:@carol']);
  });

  it('knows the reader', () => {
    expect(parts('@ana', known)).toEqual([{ kind: 'mention', text: '@ana', me: true }]);
    expect(parts('@Bob', known)).toEqual([{ kind: 'mention', text: '@Bob', me: false }]);
  });

  it('highlights words without regard to case, whatever they are made of', () => {
    expect(shown('Seal the SEAL', ['seal'])).toEqual(['hit:Seal', 'words: the ', 'hit:SEAL']);
    expect(shown('a.b axb', ['a.b'])).toEqual(['hit:a.b', 'words: axb']);
    expect(shown('x', ['', '('])).toEqual(['words:x']);
  });

  it('loses no letter', () => {
    const text = '<img src=x onerror=alert(1)> @ana https://example.com/?a=@bob "quoted" @Bob Example';
    expect(parts(text, known).map((part) => part.text).join('')).toBe(text);
  });
});

describe('storyBody', () => {
  it('is what comes after the mark and the title', () => {
    expect(storyBody('[STORY:At night]\nIt began', 'At night')).toBe('It began');
    expect(storyBody('[STORY At night] It began', 'At night')).toBe('It began');
    expect(storyBody('[STORY] At night\nIt began', 'At night')).toBe('It began');
    expect(storyBody('[STORY]', '')).toBe('');
  });
});

describe('namesOf', () => {
  it('is by what a person is completed', () => {
    expect(namesOf(ana)).toEqual(['ana', 'ana example']);
  });
});
