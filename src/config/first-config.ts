import { createCommented } from './commented.ts';

/** What a site answers when it begins. Null: not now. */
export interface Answers {
  readonly dataDir: string;
  readonly facility: string;
  readonly timeZone: string;
  readonly language: string;
  readonly folders: readonly string[];
  /** The folders are a share, which tells of no events. */
  readonly share: boolean;
  readonly worklist: string | null;
  readonly lis: {
    readonly host: string;
    readonly port: number;
    readonly profile: string;
    /** Null: that of the profile. */
    readonly charset: string | null;
    readonly processingId: string;
  } | null;
}

/**
 * The published example with the answers in it, so that its comments are those that a site gets.
 * @param schema path or URL of the published schema, for editors
 */
export function firstConfig(example: string, answers: Answers, schema: string): string {
  const config = createCommented(example);
  config.set(['dataDir'], answers.dataDir);
  config.set(['site', 'facility'], answers.facility);
  config.set(['site', 'timeZone'], answers.timeZone);
  config.set(['site', 'language'], answers.language);
  config.set(['watch', 'folders'], answers.folders);
  config.set(['watch', 'polling'], answers.share);
  if (answers.worklist !== null) config.set(['worklist', 'folder'], answers.worklist);
  if (answers.lis === null) config.unset(['lis']);
  else {
    const { host, port, profile, charset, processingId } = answers.lis;
    config.set(['lis', 'mllp', 'host'], host);
    config.set(['lis', 'mllp', 'port'], port);
    config.set(['lis', 'profile'], profile);
    if (charset !== null) config.set(['lis', 'message', 'charset'], charset);
    config.set(['lis', 'message', 'processingId'], processingId);
  }
  return config.text().replace('$schema=./raisingd.schema.json', `$schema=${schema}`);
}
