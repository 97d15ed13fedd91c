import { defineConfig } from 'vitest/config';

const conditions = ['rampart-source'];

/**
 * `fileParallelism: false` where tests share the machine: its namespaces, its ports, its two cores; for the same
 * reason such projects run one after the other (`groupOrder`).
 */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } }, // so that '#libs/x' is the source and not dist
  test: {
    passWithNoTests: true,
    setupFiles: ['test/setup.ts'],
    globalSetup: ['test/build.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{apps,libs}/*/src/**/*.spec.ts', 'test/architecture/**/*.spec.ts'],
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: { name: 'contract', include: ['test/contract/**/*.spec.ts'], testTimeout: 20_000 },
      },
      {
        extends: true,
        test: {
          name: 'kurrentdb',
          // A server of one's own, which no machine can be asked to have.
          include: process.env['KURRENTDB_URL'] ? ['test/kurrentdb/**/*.spec.ts'] : [],
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: { name: 'property', include: ['test/properties/**/*.spec.ts'], testTimeout: 60_000 },
      },
      {
        extends: true,
        test: {
          name: 'scenario',
          sequence: { groupOrder: 1 },
          include: ['test/scenarios/**/*.spec.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'clients',
          sequence: { groupOrder: 2 },
          include: ['test/clients/**/*.spec.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'lab',
          sequence: { groupOrder: 3 },
          include: ['test/lab/**/*.spec.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'faults',
          sequence: { groupOrder: 4 },
          include: ['test/faults/**/*.spec.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
