export * from './bus.js';
export { MemoryBroker, type Fate, type MemoryBus } from './memory/memory-bus.js';
export { NatsBus, natsSettingsFrom, openNatsBus, type NatsSettings } from './nats/nats-bus.js';
