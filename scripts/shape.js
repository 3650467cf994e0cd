/**
 * The shape of the program, for the tools that keep it (eslint.config.js, .dependency-cruiser.js).
 * ARCHITECTURE.md says why.
 */

/** A trace's way through the program. A stage knows the types of those before it and calls none. */
export const STAGES = [
  'watch',
  'trace',
  'clonality',
  'context',
  'risk',
  'release',
  'hl7',
  'outbox',
  'deliver',
];

/** Files that read no clock, disk, network or log: values come in and values go out. */
export const PURE = [
  'src/analysis.ts',
  'src/reason.ts',
  'src/watch/{alive,rounds,settle}.ts',
  'src/trace/**/*.ts',
  'src/clonality/**/*.ts',
  'src/context/{codes,context,match,source,merge,patient,sil2r,statement,worklist-age,worklist-row,worklist-statement}.ts',
  'src/risk/**/*.ts',
  'src/release/**/*.ts',
  'src/hl7/**/*.ts',
  'src/outbox/**/*.ts',
  'src/store/failure.ts',
  'src/deliver/frame.ts',
  'src/orders/{charset,fhir,groups,interpret,json-document,order-message,pid,result-message,segment,taken,time,unreadable}.ts',
  'src/report/**/*.ts',
  'src/language/**/*.ts',
  'src/monitor/health.ts',
  'src/simulate/**/*.ts',
  'src/alerts/{due,episodes,kinds,message,observe,quiet,words}.ts',
  'src/doctor/{finding,mounts}.ts',
  'src/config/{alerts,assay,changes,commented,context,destination,document,faults,first-config,json-schema,listen,lookup,message,names,nearest,orders,release,saved,schema,transport,upkeep,values,version}.ts',
];

/** What a later stage may call of an earlier one: its words, and the policies that were written for it. */
export const SHARED = [
  'src/trace/trace.ts',
  'src/context/{patient,source}.ts',
  'src/risk/classify.ts',
  'src/outbox/{filter,outcome,retry}.ts',
];

/** The only files that build adapters (store, couriers, watchers, jobs); everything else is handed them. */
export const BUILT_BY = [
  '^src/(store|deliver|watch|upkeep)/',
  '^src/(daemon|destinations|destination-client|service|service-failure|intake|examiner|examiner-thread)\\.ts$',
  '^src/(commands|demo|doctor)/',
];
