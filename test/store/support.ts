import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Analysis } from '../../src/analysis.ts';
import { openStore } from '../../src/store/store.ts';
import type { Access } from '../../src/store/database.ts';
import type { Store } from '../../src/store/store.ts';
import type { NewVersion } from '../../src/store/results.ts';

export const NOW = new Date('2025-11-22T10:30:15.250Z');

export function later(ms: number): Date {
  return new Date(NOW.getTime() + ms);
}

export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'raisingd-store-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

export function tempFile(): string {
  return join(tempFolder(), 'raisingd.db');
}

/** A store that is closed when the test ends. */
export function tempStore(file = tempFile(), access: Access = 'service'): Store {
  const store = openStore(file, { access, now: NOW });
  onTestFinished(() => {
    store.close();
  });
  return store;
}

export function sha(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function analysisOf(content: string, changes: Partial<Analysis> = {}): Analysis {
  return {
    sha256: sha(content),
    assay: 'htlv1',
    parameters: sha('parameters'),
    estimator: 'raising-open/1',
    origin: {
      ...{ sample: content, run: 'Run_2025-11-22', injection: 'Inj1', well: 'A01', plate: 'P1', lane: 3 },
      ...{
        startedAt: '2025-11-22T10:00:00',
        endedAt: '2025-11-22T10:40:00',
        model: '3500',
        serial: '21301-017',
        rawDigest: null,
      },
    },
    status: 'pass',
    cvRaw: 0.1 + 0.2,
    cvInterval: [0.29, 0.31],
    reasons: [{ code: 'BORDERLINE', detail: 'crosses 0.25' }],
    junction: { base: 121, point: 1452 },
    quality: { anchorScore: 1.31, anchorShare: 0.95, hostBases: 60, hostToAnchor: 0.97 },
    alternatives: { dominance: 0.31 },
    calibration: null,
    ...changes,
  };
}

export function versionOf(
  resultId: number,
  analysisId: number,
  changes: Partial<NewVersion> = {},
): NewVersion {
  return {
    ...{ resultId, analysisId, disposition: 'released', reportStatus: 'F', reasons: [], context: null },
    risk: {
      cv: 0.3,
      tier: 'intermediate',
      region: null,
      noRegion: { why: 'sil2r-missing' },
      crossed: [0.25],
    },
    ...{ cutoffsVersion: 'c0ffee123456', reportedAt: NOW, decidedAt: NOW, decidedBy: 'AUTO' },
    ...changes,
  };
}

export interface Recorded {
  readonly key: string;
  readonly resultId: number;
  readonly versionId: number;
  readonly entryId: number;
  readonly controlId: string;
}

/** Records a trace as the pipeline does, but for the transaction around it. */
export function recordTrace(store: Store, name: string, at = NOW, destination = 'main'): Recorded {
  store.sightings.record(
    { path: Buffer.from(`/srv/${name}.ab1`), size: 10, mtimeNs: 1n, sha256: sha(name) },
    at,
  );
  const analysis = store.analyses.insert(analysisOf(name), {
    ...{ file: `${name}.ab1`, scoredAt: at, injectionKey: `injection ${name}`, accession: name },
  });
  const key = store.sequence.nextResultKey(at);
  const result = store.results.create({ key, accession: name, assay: 'htlv1', createdAt: at });
  const version = store.results.addVersion(versionOf(result.id, analysis.id, { decidedAt: at }));
  const controlId = store.sequence.nextControlId(at);
  const entryId = store.outbox.enqueue({
    ...{ controlId, destination, resultKey: key, resultVersionId: version.id, createdAt: at },
    bytes: Buffer.from(`MSH|^~\\&|${name}\r`),
  });
  store.audit.append({
    at,
    actor: 'raisingd',
    action: 'result.released',
    subject: key,
    detail: { controlId },
  });
  return { key, resultId: result.id, versionId: version.id, entryId, controlId };
}

/** A further message of a result that has one already. */
export function enqueueAgain(
  store: Store,
  { key, versionId }: Recorded,
  at: Date,
  destination = 'main',
): number {
  return store.outbox.enqueue({
    ...{ destination, resultKey: key, resultVersionId: versionId, createdAt: at },
    controlId: store.sequence.nextControlId(at),
    bytes: Buffer.from('MSH|again\r'),
  });
}
