import { relative } from 'node:path';
import type { Cdr, Receipt } from '../../api/client/index.ts';
import type { DemoResult } from './demo.ts';
import { type DemoView, duration } from './view.ts';

/** The result as people read it: call records, receipts, files. */
export function showResult(result: DemoResult, view: DemoView): void {
  const legs = [
    ['out', result.outbound.cdr, result.outbound.receipt],
    ['in', result.inbound.cdr, result.inbound.receipt],
  ] as const;
  view.table(
    'Call detail records',
    ['leg', 'record', 'from', 'to', 'pages', 'duration', 'rate', 'carrier', 'result'],
    legs.map(([leg, cdr]) => [leg, ...cdrCells(cdr)]),
  );
  view.table(
    'Wipe receipts (signed; check off-line with: npx sealfax verify receipt FILE)',
    ['leg', 'fax', 'wiped at', 'objects', 'bytes', 'key epoch', 'checks'],
    legs.map(([leg, , receipt]) => [leg, ...receiptCells(receipt)]),
  );
  const files = [...result.inbound.pages, result.inbound.pdf].map((file) => [relative('.', file)]);
  view.table('As the far machine printed it', ['file'], files);
}

function cdrCells(cdr: Cdr): string[] {
  const rate = cdr.line === null ? '' : `${cdr.line.rate} bit/s`;
  const pages = `${cdr.pagesSent}/${cdr.pages ?? '?'}`;
  return [cdr.id, cdr.from ?? '', cdr.to, pages, duration(cdr.duration), rate, cdr.carrier ?? '', cdr.result];
}

function receiptCells(receipt: Receipt): string[] {
  const claims = claimsOf(receipt.receipt);
  const checks = Object.values(claims.checks ?? {});
  const good = checks.filter((value) => value === true).length;
  const objects = String(claims.objects?.length ?? 0);
  return [
    receipt.fax,
    claims.wipedAt ?? '',
    objects,
    String(claims.bytes ?? 0),
    String(receipt.epoch),
    `${good} of ${checks.length} passed`,
  ];
}

interface ReceiptClaims {
  readonly wipedAt?: string;
  readonly bytes?: number;
  readonly objects?: readonly unknown[];
  readonly checks?: Readonly<Record<string, unknown>>;
}

function claimsOf(jws: string): ReceiptClaims {
  const payload = jws.split('.')[1] ?? '';
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as ReceiptClaims;
}
