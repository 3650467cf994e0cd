import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hl7Stamps } from '../../src/hl7/time.ts';

describe('a moment', () => {
  test.each([
    ['Asia/Tokyo', '2025-11-22T01:30:15.999Z', '20251122103015+0900'],
    ['UTC', '2025-11-22T01:30:15Z', '20251122013015+0000'],
    ['America/New_York', '2025-07-01T00:00:00Z', '20250630200000-0400'],
    ['America/New_York', '2025-12-31T23:59:59Z', '20251231185959-0500'],
    ['America/St_Johns', '2025-01-15T12:00:00Z', '20250115083000-0330'],
    ['Asia/Kathmandu', '2025-01-15T18:20:00Z', '20250116000500+0545'],
  ])('is written in the time of %s', (zone, utc, text) => {
    expect(hl7Stamps(zone, true).moment(new Date(utc))).toBe(text);
    expect(hl7Stamps(zone, false).moment(new Date(utc))).toBe(text.slice(0, 14));
  });

  test('is written in the time of this machine where the zone is "system"', () => {
    const at = new Date('2025-11-22T01:30:15Z');
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    expect(hl7Stamps('system', true).moment(at)).toBe(hl7Stamps(timeZone, true).moment(at));
  });

  test('says which of two equal readings of the clock it is', () => {
    const berlin = hl7Stamps('Europe/Berlin', true);
    expect(berlin.moment(new Date('2025-10-26T00:30:00Z'))).toBe('20251026023000+0200');
    expect(berlin.moment(new Date('2025-10-26T01:30:00Z'))).toBe('20251026023000+0100');
  });
});

describe('a time on the wall of the laboratory', () => {
  test.each([
    ['2025-11-20', '20251120'],
    ['2025-11-20T09:05', '202511200905+0900'],
    ['2025-11-20T09:05:07', '20251120090507+0900'],
  ])('%s is as precise as it was given', (text, hl7) => {
    expect(hl7Stamps('Asia/Tokyo', true).local(text, 'OBR-7')).toBe(hl7);
    expect(hl7Stamps('Asia/Tokyo', false).local(text, 'OBR-7')).toBe(hl7.replace('+0900', ''));
  });

  test.each([
    ['in summer', '2025-07-01T12:00', '202507011200+0200'],
    ['in winter', '2025-12-01T12:00', '202512011200+0100'],
    ['just before clocks go forward', '2025-03-30T01:59', '202503300159+0100'],
    ['just after clocks went forward', '2025-03-30T03:00', '202503300300+0200'],
    ['that came twice: the first time', '2025-10-26T02:30', '202510260230+0200'],
    ['that never came: as if clocks had not gone forward', '2025-03-30T02:30', '202503300230+0100'],
  ])('%s has the offset of that day', (_when, text, hl7) => {
    expect(hl7Stamps('Europe/Berlin', true).local(text, 'OBR-7')).toBe(hl7);
  });

  test.each([
    '',
    '20251120',
    '2025-11-20 09:00',
    '2025-02-31',
    '2025-13-01',
    '2025-11-20T25:00',
    '2025-11-20T09',
  ])('%j is refused', (text) => {
    expect(() => hl7Stamps('Asia/Tokyo', true).local(text, 'OBR-7')).toThrow(
      /^OBR-7 is no time of the form YYYY-MM-DD or YYYY-MM-DDTHH:MM\[:SS\]$/,
    );
  });

  test('is a moment at which the clock shows it, and the first one of these', () => {
    const zones = ['Asia/Tokyo', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Apia'];
    const date = fc.date({ min: new Date('2000-01-01'), max: new Date('2040-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(date, fc.constantFrom(...zones), (at, zone) => {
        const stamps = hl7Stamps(zone, true);
        const shown = stamps.moment(at);
        const iso = shown.replace(/^(....)(..)(..)(..)(..)(..).*$/, '$1-$2-$3T$4:$5:$6');
        const local = stamps.local(iso, 'OBR-7');
        const named = new Date(`${iso}${local.slice(14, 17)}:${local.slice(17)}`);
        expect(stamps.moment(named)).toBe(local);
        expect(local.slice(0, 14)).toBe(shown.slice(0, 14));
        expect(named.getTime()).toBeLessThanOrEqual(at.getTime());
      }),
      { numRuns: 500 },
    );
  });
});
