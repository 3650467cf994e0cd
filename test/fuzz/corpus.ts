import { readdirSync, readFileSync } from 'node:fs';
import { BUNDLED_ASSAY_FILE, loadAssay } from '../../src/config/load.ts';
import type { Method } from '../../src/analysis.ts';
import { createRecipe, USUAL_DEGRADATION } from '../../src/simulate/recipe.ts';
import type { Recipe } from '../../src/simulate/recipe.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import { message, omlO33, oruSil2r } from '../orders/messages.ts';
import { hasShared, sharedTraces, trace } from '../trace/files.ts';

const SAMPLES = new URL('../../samples/', import.meta.url);
/** Larger files spend the time on copying. */
const LARGEST = 120_000;

export function bundledMethod(): Method {
  const assay = loadAssay(BUNDLED_ASSAY_FILE);
  if (!assay.ok) throw new Error('the bundled assay is at fault');
  return assay.method;
}

/** Whole traces of many kinds: simulated ones above all, since their whole way through the scoring is open. */
export function tracesToSpoil({ assay }: Method): readonly Uint8Array[] {
  const simulated = (seed: number, differing: Partial<Recipe>): Uint8Array => {
    const clones = [{ share: 0.6 }, { share: 0.2 }];
    return simulate(
      createRecipe({ seed, anchor: assay.anchor, clones, dust: 8, hostBases: 90, ...differing }),
    ).bytes;
  };
  const small = [
    simulated(1, {}),
    simulated(2, { clones: [{ share: 1 }], dust: 0 }),
    simulated(3, { clones: [], dust: 200 }),
    simulated(4, { hostBases: 25 }),
    simulated(5, { hostBases: 0 }),
    simulated(6, { noise: 0.08, degrade: USUAL_DEGRADATION }),
    simulated(7, { failed: true }),
    simulated(8, { front: 'unrelated' }),
    trace(),
  ];
  return [
    ...small,
    ...small,
    ...contentsOf(SAMPLES),
    ...(hasShared ? contentsOf(new URL('damaged/', sharedTraces)) : []),
  ];
}

export function ordersToSpoil(): readonly Uint8Array[] {
  return [
    omlO33('M1'),
    omlO33('M2', { control: 'CA', diagnosis: 'C91.5' }),
    oruSil2r('M3'),
    oruSil2r('M4', { value: '<50', status: 'C' }),
    message('ORM^O01', 'M5', [
      'PID|1||P1^^^HOSP^MR||A^B',
      'ORC|NW|1^LIS',
      'OBR|1|1^LIS||HTLV1CLON^x^99RSG|||20250105',
    ]),
  ].map((text) => Buffer.from(text));
}

export function acksToSpoil(): readonly Uint8Array[] {
  const header = 'MSH|^~\\&|LIS|HOSP|RAISINGD|SEQROOM|20251120100000||ACK^R01^ACK|A1|P|2.5.1\r';
  return [
    `${header}MSA|AA|RD251122ABCD00000001\r`,
    `${header}MSA|AE|RD251122ABCD00000001|no such order\rERR||PID^1^3|204^Unknown key^HL70357|E|||no such patient\r`,
    `${header}MSA|AR|RD251122ABCD00000001||||207^Application internal error\r`,
    'MSH|^~\\&|||||||ACK||P|2.3\nMSA|CA|RD251122ABCD00000001\n',
  ].map((text) => Buffer.from(text));
}

export function worklistsToSpoil(): readonly Uint8Array[] {
  const header =
    'accession,order,patientId,patientName,patientNameKana,birthDate,sex,category,sil2r,sil2rUnit,sil2rMethod,sil2rDate,collected';
  return [
    `${header}\nS25-000123,O1,P1,山田^太郎,ヤマダ^タロウ,1955-12-03,M,smoldering,1520,U/mL,CLEIA,2025-11-19,2025-11-20\n`,
    `\uFEFF${header}\r\n"S25-1","O,2","P2","O'Neil ""X""",,1948-02-29,F,carrier,,,,,2025-01-05T09:40\r\n\r\nS25-2,,,,,,,,,,,,\r\n`,
    'accession,category\rS1,ham\rS2,chronic\r',
    `accession\n${Array.from({ length: 300 }, (_, index) => `S${index}`).join('\n')}\n`,
  ].map((text) => Buffer.from(text));
}

function contentsOf(folder: URL): readonly Uint8Array[] {
  return readdirSync(folder)
    .filter((name) => /\.ab1$/i.test(name))
    .map((name) => readFileSync(new URL(encodeURIComponent(name), folder)))
    .filter(({ length }) => length <= LARGEST);
}
