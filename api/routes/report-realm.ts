import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ReportOwner } from '../../gateway/ports/cdr-records.ts';
import { boundTo, customerOf } from '../app.ts';
import { ReportName } from '../schemas/index.ts';

/** What tells the saved reports of one realm, and when they are mailed, from those of the other. */
export interface ReportRealm {
  readonly path: string;
  readonly tags: string[];
  readonly look: { access: 'api'; needs: 'reports' } | { access: 'admin'; role: 'auditor'; bound: 'own' };
  readonly change: { access: 'api'; needs: 'reports' } | { access: 'admin'; role: 'operator'; bound: 'own' };
  owner(request: FastifyRequest): ReportOwner;
  /** Whose calendar a report without a time zone goes by. */
  timeZone(request: FastifyRequest): string;
}

/** One report, below the path of its realm. */
export const ReportParams = z.object({ name: ReportName });

export const CUSTOMERS: ReportRealm = {
  path: '/v1/reports',
  tags: ['CDRs'],
  look: { access: 'api', needs: 'reports' },
  change: { access: 'api', needs: 'reports' },
  owner: (request) => customerOf(request).account.id,
  timeZone: (request) => customerOf(request).account.policy.timeZone,
};

export const ADMINISTRATORS: ReportRealm = {
  path: '/v1/admin/reports',
  tags: ['admin'],
  look: { access: 'admin', role: 'auditor', bound: 'own' },
  change: { access: 'admin', role: 'operator', bound: 'own' },
  owner: boundTo,
  timeZone: () => 'UTC',
};
