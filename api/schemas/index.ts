/** Shapes of everything that crosses the API: checks, OpenAPI and the SDK read the same ones. Browser-safe. */
export * from './admin.ts';
export * from './approval.ts';
export * from './budget.ts';
export * from './call.ts';
export * from './carrier-health.ts';
export * from './cdr.ts';
export * from './cover.ts';
export * from './event.ts';
export * from './fax.ts';
export * from './health.ts';
export * from './inbound.ts';
export * from './number.ts';
export * from './problem.ts';
export * from './session.ts';
export * from './shape.ts';
export * from './webhook.ts';
