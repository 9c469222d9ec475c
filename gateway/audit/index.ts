export { exportAudit } from './export.ts';
export { type AuditSealer, createAuditSealer } from './sealer.ts';
