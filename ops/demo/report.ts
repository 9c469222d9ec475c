import { dirname, join, relative } from 'node:path';
import type { Cdr, Receipt } from '../../api/client/index.ts';
import { type DemoResult, RECEIPT_FILES } from './demo.ts';
import { type DemoView, duration } from './view.ts';

/** The result as people read it: call records, receipts, files. Lines fit into 80 columns. */
export function showResult(result: DemoResult, view: DemoView): void {
  const { outbound, inbound } = result;
  view.list('Call detail records', [
    { label: 'outbound', lines: cdrLines(outbound.cdr) },
    { label: 'inbound', lines: cdrLines(inbound.cdr) },
  ]);
  view.list('Wipe receipts, signed', [
    { label: 'outbound', lines: receiptLines(outbound.receipt) },
    { label: 'inbound', lines: receiptLines(inbound.receipt) },
  ]);
  const near = (file: string) => relative('.', file);
  view.list('As the far machine printed it', [
    { label: 'pages', lines: inbound.pages.map(near) },
    { label: 'document', lines: [near(inbound.pdf)] },
  ]);
  const receipt = near(join(dirname(inbound.pdf), RECEIPT_FILES.outbound));
  view.list('Check a receipt without the gateway', [
    { label: '', lines: [`npm run -s sealfax -- verify receipt ${receipt}`] },
  ]);
}

function cdrLines(cdr: Cdr): string[] {
  const rate = cdr.line === null ? [] : [`${cdr.line.rate} bit/s ${cdr.line.modulation}`];
  const facts = [
    `${cdr.pagesSent} of ${cdr.pages ?? '?'} pages`,
    duration(cdr.duration),
    ...rate,
    cdr.carrier ?? '',
    cdr.result,
  ];
  return [cdr.id, `${cdr.from ?? 'unknown'} → ${cdr.to}`, facts.join(' · ')];
}

function receiptLines(receipt: Receipt): string[] {
  const claims = claimsOf(receipt.receipt);
  const checks = Object.values(claims.checks ?? {});
  const good = checks.filter((value) => value === true).length;
  const objects = claims.objects?.length ?? 0;
  return [
    receipt.fax,
    `wiped ${claims.wipedAt ?? ''} · key epoch ${receipt.epoch}`,
    `${objects} ${objects === 1 ? 'object' : 'objects'}, ${claims.bytes ?? 0} bytes · ${good} of ${checks.length} checks passed`,
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
