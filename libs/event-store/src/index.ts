export * from './event-store.js';
export { openJetStreamEventStore, type JetStreamOptions } from './jetstream/jetstream-event-store.js';
export { MemoryLog, openMemoryEventStore } from './memory/memory-event-store.js';
export { openSqliteEventStore } from './sqlite/sqlite-event-store.js';
export { backUpSqlite, checkSqlite } from './sqlite/sqlite-upkeep.js';
export { openEventStore, sqliteFileIn, STORE_ADDRESS } from './open-event-store.js';
export { withoutPassword } from './without-password.js';
