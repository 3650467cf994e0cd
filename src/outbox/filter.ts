import type { Destination } from '../config/schema.ts';
import type { Category } from '../context/context.ts';
import type { ReportStatus } from '../hl7/report.ts';

/** What a destination's `only` is held against. */
export interface Subject {
  /** Id of the assay. */
  readonly assay: string;
  readonly status: ReportStatus;
  readonly category: Category;
}

/**
 * Whether a destination asks for such a result. For one that was sent an earlier version it must not be asked: what
 * corrects a value has to reach everybody who has the value.
 */
export function isWanted({ assays, statuses, categories }: Destination['only'], about: Subject): boolean {
  return (
    (assays?.includes(about.assay) ?? true) &&
    (statuses?.includes(about.status) ?? true) &&
    (categories?.includes(about.category) ?? true)
  );
}
