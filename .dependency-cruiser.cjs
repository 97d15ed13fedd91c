// Who may import whom. A `comment` is the reason, and is shown with each violation.

const builtIn = '^(node:)?[a-z_/]+$';
const forTests = '\\.spec\\.ts$|^libs/[^/]+/src/(contract|testing)/';
const npm = (...names) => `(^|/)node_modules/(${names.join('|')})/`;

/** The lib may import itself and what is listed; its tests, also what tests are written with. */
const mayImport = (lib, allowed, comment) => {
  const itself = `^libs/${lib}/`;
  return [
    {
      name: `${lib}-imports`,
      severity: 'error',
      comment,
      from: { path: itself, pathNot: forTests },
      to: { pathNot: [itself, ...allowed] },
    },
    {
      name: `${lib}-tests-import`,
      severity: 'error',
      comment: `${comment}; that holds for its tests too`,
      from: { path: [`${itself}src/(contract|testing)/`, `${itself}.*\\.spec\\.ts$`] },
      to: { pathNot: [itself, ...allowed, builtIn, npm('vitest', 'fast-check')] },
    },
  ];
};

const domain = '^libs/domain/';

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'a circle has no reading order',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      severity: 'error',
      comment: 'what nobody can find, no rule can judge',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'libs-not-apps',
      severity: 'error',
      comment: 'libs are what apps are made of',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'apps-not-apps',
      severity: 'error',
      comment: 'apps meet on the wire',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'front-door',
      severity: 'error',
      comment: "a lib is imported as '#libs/x'; what its index.ts doesn't export is its own business",
      from: { path: '^(?:apps|libs)/([^/]+)/', pathNot: forTests },
      to: { path: '^libs/[^/]+/src/(?!index\\.ts$)', pathNot: '^libs/$1/' },
    },
    {
      name: 'no-tests-in-production',
      severity: 'error',
      comment: 'fakes for all may be shipped; specs, contracts and generators serve tests only',
      from: { path: '^(apps|libs)/', pathNot: forTests },
      to: { path: forTests },
    },
    {
      name: 'nest-in-apps',
      severity: 'error',
      comment: 'Nest wires the control plane; the lab and the CLI must start at once, and agents stay small',
      from: { pathNot: '^apps/control-plane/' },
      to: { path: npm('@nestjs', 'rxjs') },
    },
    ...mayImport('domain', [], 'the domain knows nothing but itself'),
    ...mayImport('projections', [domain], 'a projection is a pure fold of events'),
    ...mayImport('compiler', [domain], 'compile must stay a pure function of the host policy'),
    ...mayImport(
      'protocol',
      [domain, '^(node:)?crypto$', npm('fast-xml-parser')],
      'a codec has no I/O; hashing is none',
    ),
    ...mayImport(
      'event-store',
      [domain, builtIn, npm('@kurrent', '@nats-io')],
      'a store keeps records and knows no groups',
    ),
    ...mayImport('bus', [domain, builtIn, npm('@nats-io')], 'a bus carries bytes and knows no groups'),
    ...mayImport(
      'nftables',
      [domain, '^libs/compiler/', builtIn, npm('koffi')],
      'the driver speaks rulesets, not security groups',
    ),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^apps/console/' },
    enhancedResolveOptions: {
      conditionNames: ['rampart-source', 'import', 'node', 'default'],
      exportsFields: ['exports'],
    },
  },
};
