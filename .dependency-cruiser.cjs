const only = (name, from, allowed, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from, pathNot: '\\.spec\\.ts$|/(contract|testing)/' },
  to: { pathNot: [from, ...allowed] },
});

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
      to: { path: '^apps/([^/]+)/', pathNot: '^apps/$1/' },
    },
    only('domain-alone', '^libs/domain/', [], 'the domain knows nothing but itself'),
    only(
      'projections-pure',
      '^libs/projections/',
      ['^libs/domain/'],
      'a projection is a pure fold of events',
    ),
    only(
      'compiler-pure',
      '^libs/compiler/',
      ['^libs/domain/'],
      'compile must stay a pure function of the host policy',
    ),
    only(
      'protocol-pure',
      '^libs/protocol/',
      ['^libs/domain/', '^(node:)?crypto$'],
      'a codec has no I/O; hashing is none',
    ),
    only(
      'event-store-adapter',
      '^libs/event-store/',
      ['^libs/domain/', '^(node:)?[a-z_/]+$'],
      'a store keeps records and knows no groups',
    ),
    only(
      'nftables-adapter',
      '^libs/nftables/',
      ['^libs/domain/', '^libs/compiler/', '^(node:)?[a-z_/]+$', 'node_modules/koffi'],
      'the driver speaks rulesets, not security groups',
    ),
    {
      name: 'nest-in-apps',
      severity: 'error',
      comment: 'Nest wires, and only apps are wired',
      from: { pathNot: '^apps/(control-plane|host-agent)/' },
      to: { path: 'node_modules/(@nestjs|rxjs)/' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { conditionNames: ['rampart-source', 'import'], exportsFields: ['exports'] },
  },
};
