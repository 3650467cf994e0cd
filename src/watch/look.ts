import type { Reason } from '../reason.ts';
import type { Errand, Examined } from './examine.ts';
import type { Finding, SeenFile } from './finding.ts';
import { baseName, toBytes, toText } from './path.ts';
import type { RawPath } from './path.ts';
import { isRipe, outwait, settle } from './settle.ts';
import type { Content, Instant, SettleRules, Settling } from './settle.ts';
import type { Stamp } from './taken.ts';

export interface LookTools {
  readonly examine: (errand: Errand) => Promise<Examined>;
  /** Whether content with this SHA-256 has been analysed. */
  readonly isKnown: (sha256: string) => boolean;
  /** Monotonic. */
  readonly now: () => Instant;
  readonly rules: SettleRules;
  readonly maxBytes: number;
}

/** What came of one look at a file that is on its way. */
export type LookOutcome =
  | { readonly kind: 'wait'; readonly until: Instant; readonly settling: Settling | null }
  /** It cannot be read; to be tried again, and told once. */
  | { readonly kind: 'refused'; readonly detail: string }
  /** The process has run out of something: no other file need be tried now. */
  | { readonly kind: 'exhausted'; readonly detail: string }
  /** Gone, or no file: a scan finds it should it come back. */
  | { readonly kind: 'drop' }
  | { readonly kind: 'take'; readonly finding: Finding; readonly stamp: Stamp };

/**
 * Looks at one file and says whether it is finished and what it is. Its bytes are read at every look and kept at
 * none: between two looks only their hash is remembered, so ten thousand files may be on their way at once.
 */
export async function look(path: RawPath, before: Settling | null, tools: LookTools): Promise<LookOutcome> {
  const { rules, maxBytes } = tools;
  const found = await tools.examine({ path, maxBytes, worth: worthScoring(before, tools) });
  const at = tools.now();
  switch (found.kind) {
    case 'gone':
    case 'not-a-file':
      return { kind: 'drop' };
    case 'changing':
      return { kind: 'wait', until: at + rules.quietMs, settling: null };
    case 'unreadable':
      return { kind: 'refused', detail: `cannot be read: ${found.code}` };
    case 'exhausted':
      return { kind: 'exhausted', detail: `no more files can be opened: ${found.code}` };
    case 'too-large':
    case 'examined':
      break;
  }

  const content: Content =
    found.kind === 'examined' ? found.content : { size: found.size, mtimeNs: found.mtimeNs, sha256: null };
  const { size, mtimeNs, sha256 } = content;
  const { settling, verdict } = settle(before, content, at, rules);
  if (verdict.kind === 'wait') return { ...verdict, settling };

  const file: SeenFile = { path: toBytes(path), name: toText(baseName(path)), size, mtimeNs };
  const take = (finding: Finding): LookOutcome => ({ kind: 'take', finding, stamp: { size, mtimeNs } });
  const unusable = (code: Reason['code'], detail: string) =>
    take({ kind: 'unusable', file, reason: { code, detail } });

  if (found.kind === 'too-large' || sha256 === null) {
    return unusable(
      'FILE_TOO_LARGE',
      `${String(size)} bytes where watch.maxFileMiB allows ${String(maxBytes)}`,
    );
  }
  const patience = outwait(settling, at, rules);
  if (size === 0) {
    // All empty files share one hash: this one is known by its path alone.
    if (patience.kind === 'wait') return { ...patience, settling };
    return unusable('INCOMPLETE_FILE', 'the file is empty');
  }
  if (tools.isKnown(sha256)) return take({ kind: 'sighting', file, sha256 });

  const { scored } = found;
  // It came of age only while it was read.
  if (scored === null) return { kind: 'wait', until: at, settling };
  if ('fault' in scored) return unusable('ANALYSIS_FAILED', scored.fault);
  const unfinished = scored.analysis.reasons.some(({ code }) => code === 'INCOMPLETE_FILE');
  if (unfinished && patience.kind === 'wait') return { ...patience, settling };
  return take({ kind: 'analysed', file, ...scored });
}

/** What the file was, where it has settled if it still is that and nothing is known of it. */
function worthScoring(before: Settling | null, { rules, now, isKnown }: LookTools): Content | null {
  if (before === null || !isRipe(before, now(), rules)) return null;
  const { size, sha256 } = before.content;
  return size === 0 || sha256 === null || isKnown(sha256) ? null : before.content;
}
