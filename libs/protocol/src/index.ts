export * from './agent/subjects.js';
export * from './agent/messages.js';
export * from './log/stored-event.js';
