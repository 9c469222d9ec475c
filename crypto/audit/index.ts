export { AUDIT_START, type AuditFacts, auditLink } from './chain.ts';
export {
  type AuditFault,
  type AuditFindings,
  type AuditLine,
  AuditReader,
  auditEntryLine,
} from './export.ts';
export { type AuditHead, signAuditHead, verifyAuditHead } from './head.ts';
