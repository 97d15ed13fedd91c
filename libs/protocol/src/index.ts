export * from './agent/subjects.js';
export * from './agent/messages.js';
export * from './log/stored-event.js';
export { signRequest } from './ec2/signature.js';
export type { AccessKey, SignableRequest } from './ec2/canonical-request.js';
