import fc from 'fast-check';

/** Any text that can be written at all, with much of what hurts: delimiters, line ends, framing, escapes, `""`. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 8 }),
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.constantFrom(
        ...['|', '^', '&', '~', '\\', '\r', '\n', '\r\n', '\u000b', '\u001c', '\u001c\r', '\u0000', '\u0085'],
        ...[
          '\u2028',
          '\uFEFF',
          '\\F\\',
          '\\X0D\\',
          '\\.br\\',
          '""',
          '\rPID|1||evil',
          '\nMSH|^~\\&|',
          ' ',
          '　',
        ],
        ...['山田', 'ﾔﾏﾀﾞ', '𠮷', '万', '五'],
      ),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''))
  .filter((text) => text.isWellFormed());
