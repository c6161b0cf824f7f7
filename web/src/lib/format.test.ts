import { describe, expect, test } from 'vitest';
import { formatsFor, MISSING, minorToText, textToMinor } from './format';

const plain = (text: string) => text.replaceAll(/[\u00a0\u202f]/g, ' ');

describe('amounts', () => {
  test('are shown to the cent in the language and currency, yen without decimals', () => {
    expect(formatsFor('en').money(123_456, 'USD')).toBe('$1,234.56');
    expect(plain(formatsFor('fr').money(123_456, 'EUR'))).toBe('1 234,56 €');
    expect(plain(formatsFor('en').money(1234, 'JPY'))).toBe('¥1,234');
    expect(formatsFor('en').money(-5, 'USD')).toBe('-$0.05');
    expect(formatsFor('en').money(900_719_925_474_099, 'USD')).toBe('$9,007,199,254,740.99');
  });

  test('that are missing are shown as missing, and zero as zero', () => {
    expect(formatsFor('en').money(null, 'USD')).toBe(MISSING);
    expect(formatsFor('en').money(0, 'USD')).toBe('$0.00');
    expect(formatsFor('en').percent(undefined)).toBe(MISSING);
    expect(formatsFor('en').number(0)).toBe('0');
  });

  test('typed by a person are read to the cent, with a point or a comma', () => {
    expect(textToMinor('15', 'USD')).toBe(1500);
    expect(textToMinor(' 15.5 ', 'USD')).toBe(1550);
    expect(textToMinor('0,07', 'EUR')).toBe(7);
    expect(textToMinor('1.15', 'USD')).toBe(115);
    expect(textToMinor('1500', 'JPY')).toBe(1500);
    expect(textToMinor('15.555', 'USD')).toBeNull();
    expect(textToMinor('15.5', 'JPY')).toBeNull();
    for (const wrong of ['', '-1', '1e3', '1.2.3', 'abc', '1 000', '99999999999']) {
      expect(textToMinor(wrong, 'USD')).toBeNull();
    }
  });

  test('come back as they were typed', () => {
    for (let minor = 0; minor < 3000; minor += 7) {
      expect(textToMinor(minorToText(minor, 'USD'), 'USD')).toBe(minor);
      expect(textToMinor(minorToText(minor, 'JPY'), 'JPY')).toBe(minor);
    }
  });
});

describe('moments', () => {
  test('near now are told in the unit that says enough', () => {
    const now = Date.UTC(2026, 5, 1);
    const ago = (seconds: number) => formatsFor('en').ago(now - seconds * 1000, now);
    expect(ago(30)).toBe('30 sec. ago');
    expect(ago(600)).toBe('10 min. ago');
    expect(ago(7200)).toBe('2 hr. ago');
    expect(ago(3 * 86_400)).toBe('3 days ago');
    expect(formatsFor('fr').ago(null)).toBe(MISSING);
  });

  test('of a calendar day are the same day everywhere', () => {
    expect(formatsFor('en').day('2026-01-01')).toBe('Jan 1');
  });
});
