import { serve } from '../platform/helper.ts';
import type { AuditVerdict } from '../store/audit.ts';
import { openStore } from '../store/store.ts';
import { wordsOf } from '../platform/words-of.ts';

export interface AuditRequest {
  /** The database; others may write to it meanwhile. */
  readonly file: string;
}

export type AuditReply =
  { readonly ok: true; readonly verdict: AuditVerdict } | { readonly ok: false; readonly problem: string };

serve(({ file }: AuditRequest): AuditReply => {
  try {
    const store = openStore(file, { access: 'read', now: new Date() });
    try {
      return { ok: true, verdict: store.audit.verify() };
    } finally {
      store.close();
    }
  } catch (error) {
    return { ok: false, problem: wordsOf(error) };
  }
});
