import type { Charset } from '../config/message.ts';
import type { Cutoffs } from '../config/schema.ts';
import { classify } from '../risk/classify.ts';
import { canWrite } from './charset.ts';
import type { Report } from './report.ts';

/** What goes wrong where a receiver takes the bytes for those of another character set, or splits before decoding. */
const CHECKLIST = [
  '1 表 ソ 能 予 十 貼 暴 噂',
  '2 万 五 京 兆 奄 葦',
  '3 斎藤 渡邊 齋藤 澤',
  '4 ヤマダ タロウ ぱぴぷぺぽ ー 々',
  '5 α β μ ℃ ± ≧',
  '6 髙橋 﨑 ① 𠮷野',
  '7 Müller, José, 1 µL',
  '8 | ^ ~ \\ & (five separators)',
] as const;

/** The lines that a character set can carry; the others would only show how they are replaced. */
export function checklistFor(charset: Charset): readonly string[] {
  return CHECKLIST.filter((line) => canWrite(line, charset));
}

/**
 * A result of nobody, for a person to look at on the other side. It takes part in no result's life: neither its key
 * nor its control ID is ever given to a real one.
 */
export function testReport(controlId: string, cutoffs: Cutoffs, charset: Charset, now: Date): Report {
  const japanese = canWrite('山田', charset);
  const interval = [0.69, 0.77] as const;
  const context: Report['context'] = {
    accession: 'RAISINGD-TEST',
    order: null,
    patient: {
      id: 'RAISINGD-TEST',
      name: japanese ? '試験 太郎' : 'Test Patient',
      nameKana: japanese ? 'シケン タロウ' : null,
      birthDate: '1950-01-01',
      sex: 'U',
    },
    category: 'carrier',
    sil2r: null,
    collected: null,
    source: 'lis test',
  };
  return {
    status: 'F',
    resultKey: controlId,
    context,
    risk: classify(0.73, interval, context, cutoffs),
    interval,
    reasons: [],
    corrects: null,
    picture: null,
    cutoffs,
    cutoffsVersion: 'test',
    estimator: 'test',
    parameters: 'test',
    origin: null,
    analysedAt: now,
    reportedAt: now,
    responsible: 'TEST',
    notes: ['TEST MESSAGE of raisingd: no patient, no result', ...checklistFor(charset)],
  };
}

/** Letters and digits that are not taken for each other. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * MSH-10 of a test message, 20 characters. It begins with RT; those of results begin with RD, so they never meet.
 * @param random six bytes
 */
export function testControlId(now: Date, random: Uint8Array): string {
  const second = now.toISOString().replace(/\D/g, '').slice(2, 14);
  const tail = Array.from(random.subarray(0, 6), (byte) => LETTERS[byte % LETTERS.length]).join('');
  return `RT${second}${tail}`;
}
