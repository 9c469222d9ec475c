// The dependency table of the design, checked by `npm run deps` (part of `npm test`).
// Each rule says who may import what; the comment column says why.

const only = (name, from, allowed, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from },
  to: {
    pathNot: [...allowed, '^node_modules', '^node:', 'node_modules'],
    dependencyTypesNot: ['core', 'npm', 'npm-dev', 'npm-optional'],
  },
});

const STAGES =
  'audit|covers|destinations|rendering|retrieval|intake|access|vault|queue|routing|dispatch|reception|records|redis|notify|mail|retention';
const CRYPTO_DOORS = '^crypto/(index|client|objects)\\.ts$';

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    only('crypto-alone', '^crypto/', ['^crypto/'], 'crypto imports itself only'),
    only('gateway', '^gateway/', ['^gateway/', CRYPTO_DOORS], 'the gateway knows no carrier, no HTTP, no settings'),
    only('fax-pure', '^gateway/fax/', ['^gateway/fax/'], 'words and states are pure'),
    only('ports-types', '^gateway/ports/', ['^gateway/(fax|ports)/'], 'ports are types only'),
    only('imaging-leaf', '^gateway/imaging/', ['^gateway/imaging/'], 'imaging is a leaf'),
    only(
      'stage-alone',
      `^gateway/(${STAGES})/`,
      [
        '^gateway/gateway\\.ts$',
        '^gateway/(fax|ports|imaging)/',
        '^gateway/routing/plan\\.ts$',
        // The bell hangs on the Redis that the other shared things live in, and reads its address the same way.
        '^gateway/redis/address\\.ts$',
        '^gateway/$1/',
        CRYPTO_DOORS,
      ],
      'a stage never imports another stage',
    ),
    only(
      'carriers',
      '^carrier-adapters/(?!loopback/lines/|http/)([^/]+)/',
      ['^gateway/(fax|ports|imaging)/', '^carrier-adapters/$1/', '^carrier-adapters/http/index\\.ts$', CRYPTO_DOORS],
      'a carrier never imports another carrier',
    ),
    only(
      'carriers-http',
      '^carrier-adapters/http/',
      [
        '^gateway/(fax|ports|imaging)/',
        '^carrier-adapters/http/',
        // One list of addresses that nobody may make the gateway ask, for webhooks and for media alike.
        '^gateway/notify/(resolver|target)\\.ts$',
        CRYPTO_DOORS,
      ],
      'what HTTP carriers share knows no carrier',
    ),
    only(
      'loopback-lines',
      '^carrier-adapters/loopback/lines/',
      [
        '^gateway/(fax|ports)/',
        '^carrier-adapters/loopback/',
        // The fax engine with its drivers, and of SIP the words between a call and its agent: no message, socket or setting.
        '^carrier-adapters/sip-t38/(call/|sip/agent/(events|orders)\\.ts$|io/ticker\\.ts$)',
        '^carrier-adapters/sip-t38/(journal|live-call|outcome|place|result|take)\\.ts$',
      ],
      'the loopback network has one fax engine with the real line, and takes it from there',
    ),
    only(
      'sip-t38-sans-io',
      '^carrier-adapters/sip-t38/(sip|sdp|udptl|t38|t30)/',
      ['^carrier-adapters/sip-t38/$1/', '^carrier-adapters/sip-t38/(t30/line|octets)\\.ts$', '^gateway/fax/'],
      'a protocol of the SIP/T.38 engine knows itself alone; only call/ joins them',
    ),
    {
      name: 'sip-t38-pure',
      severity: 'error',
      comment: 'only io/ owns sockets, clocks and randomness',
      from: { path: '^carrier-adapters/sip-t38/(sip|sdp|udptl|t38|t30|call)/' },
      to: { dependencyTypes: ['core'] },
    },
    only(
      'api',
      '^api/(?!(client|console)/)',
      ['^api/(?!console/)', '^gateway/gateway\\.ts$', '^gateway/index\\.ts$', '^gateway/(fax|ports)/', CRYPTO_DOORS],
      'the API sees the gateway through its door',
    ),
    {
      name: 'api-server-not-client',
      severity: 'error',
      from: { path: '^api/(?!(client|console)/)' },
      to: { path: '^api/client/' },
    },
    only('api-client', '^api/client/', ['^api/(client|schemas)/', CRYPTO_DOORS], 'the SDK ships without the server'),
    only('api-console', '^api/console/', ['^api/(console|client)/'], 'the console knows the gateway by its SDK alone'),
    {
      name: 'console-libraries',
      severity: 'error',
      from: { pathNot: '^(api/console|test)/' },
      to: { path: 'node_modules/preact/' },
    },
    {
      name: 'test-imported-by-nobody',
      severity: 'error',
      from: { pathNot: '^test/' },
      to: { path: '^test/' },
    },
    {
      name: 'node-crypto',
      severity: 'error',
      comment: 'primitives live in crypto/ alone',
      from: { pathNot: '^(crypto|test|ops/bench)/' },
      to: { path: '^(node:)?crypto$', dependencyTypes: ['core'] },
    },
    {
      name: 'queue-libraries',
      severity: 'error',
      from: { pathNot: '^(gateway/(queue|redis)|test)/' },
      to: { path: 'node_modules/(bullmq|ioredis)/' },
    },
    {
      name: 'identity-libraries',
      severity: 'error',
      comment: 'what providers say is checked in one place',
      from: { pathNot: '^(ops/openid|test)/' },
      to: { path: 'node_modules/(openid-client|jose)/' },
    },
    {
      name: 'numbering-plans',
      severity: 'error',
      from: { pathNot: '^(gateway/destinations|test)/' },
      to: { path: 'node_modules/libphonenumber-js/' },
    },
    {
      name: 'mail-library',
      severity: 'error',
      comment: 'the gateway knows a port; who speaks SMTP is settled where it is put together',
      from: { pathNot: '^(ops/mail|test)/' },
      to: { path: 'node_modules/nodemailer/' },
    },
    {
      name: 'pg',
      severity: 'error',
      from: { pathNot: '^(gateway/(records|queue)|ops|test)/' },
      to: { path: 'node_modules/pg/' },
    },
    {
      name: 'fastify',
      severity: 'error',
      from: { pathNot: '^(api|ops|test)/' },
      to: { path: 'node_modules/@?fastify' },
    },
    {
      name: 'crypto-client-is-browser-safe',
      severity: 'error',
      comment: 'the client door and all behind it run in a browser',
      from: { path: '^crypto/client\\.ts$' },
      to: { reachable: true, path: '^(node:)?(crypto|fs|net|tls|http|https|buffer|child_process|os|path)$' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|test/packages|api/console/dist)/' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.cjs', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
