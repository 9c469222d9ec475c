export {
  type AuditFault,
  type AuditFindings,
  type AuditLine,
  AuditReader,
  auditEntryLine,
} from './export.ts';
export { type AuditHead, signAuditHead, verifyAuditHead } from './head.ts';
export { AUDIT_START, type AuditFacts } from './octets.ts';
