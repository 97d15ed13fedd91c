export { Directory } from './directory/directory.js';
export type * from './directory/views.js';
export { Distribution } from './distribution/distribution.js';
export * from './distribution/deltas.js';
