export { Directory } from './directory/directory.js';
export type { Listing } from './directory/collection.js';
export type { ValuesOf } from './directory/filter-index.js';
export type * from './directory/views.js';
export { Distribution } from './distribution/distribution.js';
export * from './distribution/deltas.js';
export { Marks, type StoredMarks } from './survival/marks.js';
export { Survival, type Released } from './survival/survival.js';
