import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PdfPages } from '../../../carrier-adapters/http/index.ts';
import type { CallReception, CarrierCopy, KnownFax } from '../../../gateway/ports/carrier-adapter.ts';
import { barFile, barPages } from '../telnyx/world.ts';
import { barPdf, type PhaxioWorld, phaxioWorld } from './world.ts';

/** A fax that was taken, and what was said of the carrier's copy. */
interface Kept {
  readonly to: string;
  readonly from: string | null;
  readonly pages: Uint8Array[];
  readonly cause: string;
  readonly copy: CarrierCopy | undefined;
}

/** A reception that keeps what comes, unless `answer` says something else. */
function keeping(answer: () => { refused: 'storage_full'; known?: KnownFax } | undefined) {
  const kept: Kept[] = [];
  const reception: CallReception = {
    async offer({ to, from, stored }) {
      assert.equal(stored, true);
      const refusal = answer();
      if (refusal !== undefined) return refusal;
      const pages: Uint8Array[] = [];
      let chunks: Uint8Array[] = [];
      return {
        accepted: {
          answered: async () => {},
          beginPage: async () => {
            chunks = [];
          },
          write: async (chunk) => void chunks.push(chunk.slice()),
          endPage: async () => void pages.push(new Uint8Array(Buffer.concat(chunks))),
          dropPage: async () => {},
          ended: async ({ cause }, copy) => void kept.push({ to, from, pages, cause, copy }),
        },
      };
    },
  };
  return { kept, reception };
}

async function receiving(
  use: (world: PhaxioWorld, kept: readonly Kept[]) => Promise<void>,
  pdfPages?: PdfPages,
  answer: Parameters<typeof keeping>[0] = () => undefined,
): Promise<void> {
  const world = await phaxioWorld({}, pdfPages);
  const { kept, reception } = keeping(answer);
  try {
    await world.adapter.start(reception);
    await use(world, kept);
  } finally {
    await world.stop();
  }
}

/** Lets what is under way over real sockets end, without the look for lost callbacks. */
async function settled(done: () => boolean): Promise<void> {
  for (let turn = 0; turn < 20_000 && !done(); turn++) await new Promise(setImmediate);
  assert.ok(done(), 'it never happened');
}

describe('a fax that Phaxio received', () => {
  test('is fetched after its callback, page by page, and left to be purged', () =>
    receiving(async ({ carrier, adapter }, kept) => {
      const id = carrier.receive(barFile(3));
      await settled(() => kept.length === 1);
      const pages = barPages(3).map(({ t6 }) => t6);
      assert.deepEqual(kept, [{ to: '+15551230000', from: '+15550001111', pages, cause: 'ok', copy: 'purge' }]);
      assert.equal((await adapter.purge?.(id))?.outcome, 'purged');
    }));

  test('as PDF goes through what reads PDFs', () => {
    const { file, pdfPages } = barPdf(2);
    return receiving(async ({ carrier }, kept) => {
      carrier.receive(file);
      await settled(() => kept.length === 1);
      assert.deepEqual(
        kept[0]?.pages,
        barPages(2).map(({ t6 }) => t6),
      );
    }, pdfPages);
  });

  test('is found by polling when its callback was lost, and fetched once although Phaxio lists it for ever', () =>
    receiving(async ({ carrier, clock }, kept) => {
      carrier.silent = true;
      carrier.receive(barFile(1));
      await clock.pass(130_000);
      await settled(() => kept.length === 1);
      await clock.pass(500_000);
      assert.equal(carrier.requests.filter((request) => request.endsWith('/file')).length, 1);
      assert.equal(kept.length, 1);
    }));

  test('is taken once, however often it is called in', () =>
    receiving(async ({ carrier, adapter, clock }, kept) => {
      const id = carrier.receive(barFile(1));
      for (let again = 0; again < 5; again++) {
        assert.equal((await adapter.callback?.(carrier.callback('fax_completed', id)))?.status, 200);
      }
      await settled(() => kept.length === 1);
      await clock.pass(300_000);
      assert.equal(kept.length, 1);
    }));

  for (const known of ['received', 'rejected'] as const) {
    test(`and that the gateway knows as ${known} is not fetched a second time`, () =>
      receiving(
        async ({ carrier, clock }, kept) => {
          carrier.receive(barFile(1));
          await clock.pass(500_000);
          assert.equal(carrier.requests.filter((request) => request.endsWith('/file')).length, 1);
          assert.equal(kept.length, 0);
        },
        undefined,
        () => ({ refused: 'storage_full', known }),
      ));
  }

  test('whose file is gone is not asked for again', () =>
    receiving(async ({ carrier, clock }, kept) => {
      carrier.silent = true;
      const id = carrier.receive(barFile(1));
      carrier.files.delete(id);
      await clock.pass(500_000);
      assert.equal(carrier.requests.filter((request) => request.endsWith('/file')).length, 1);
      assert.equal(kept.length, 0);
    }));

  test('that is neither TIFF nor PDF stays with the carrier, and the carrier’s state says so', () =>
    receiving(async ({ carrier, adapter, warnings }, kept) => {
      carrier.receive(new TextEncoder().encode('GIF89a'));
      await settled(() => warnings.length === 1);
      assert.deepEqual([kept.length, carrier.files.size], [0, 1]);
      assert.equal((await adapter.health()).ok, false);
    }));

  test('that breaks in the middle is left as unreadable', () =>
    receiving(async ({ carrier }, kept) => {
      carrier.receive(barFile(2).slice(0, 60));
      await settled(() => kept.length === 1);
      assert.deepEqual([kept[0]?.cause, kept[0]?.copy], ['page_rejected', 'leave']);
    }));

  test('that cannot be taken now is taken by a later look', () => {
    let full = true;
    return receiving(
      async ({ carrier, clock }, kept) => {
        carrier.receive(barFile(1));
        await clock.pass(1_000);
        assert.equal(kept.length, 0);
        full = false;
        await clock.pass(130_000);
        await settled(() => kept.length === 1);
      },
      undefined,
      () => (full ? { refused: 'storage_full' } : undefined),
    );
  });

  test('is not taken after drain', () =>
    receiving(async ({ carrier, adapter, clock }, kept) => {
      await adapter.drain();
      carrier.receive(barFile(1));
      await clock.pass(600_000);
      assert.deepEqual([kept.length, carrier.files.size], [0, 1]);
    }));
});

describe('a callback in the name of Phaxio', () => {
  type Change = Parameters<PhaxioWorld['carrier']['callback']>[2];
  const statusOf = async ({ carrier, adapter }: PhaxioWorld, change: Change) => {
    carrier.silent = true;
    const id = carrier.receive(barFile(1));
    return (await adapter.callback?.(carrier.callback('fax_completed', id, change)))?.status;
  };

  for (const [what, change] of [
    ['signed with another token', { token: 'OTHER' }],
    ['signed for another URL', { url: 'https://fax.example/carriers/other/8f1d2c' }],
    ['of a fax that is older than any repetition', { completedAt: '2020-01-01T00:00:00Z' }],
    ['from the future', { completedAt: '2099-01-01T00:00:00Z' }],
  ] as const) {
    test(`${what} is refused`, () =>
      receiving(async (world, kept) => {
        assert.equal(await statusOf(world, change), 401);
        assert.deepEqual([kept.length, world.warnings.length], [0, 1]);
      }));
  }

  for (const [what, change] of [
    ['with another body', { body: new TextEncoder().encode('{}') }],
    ['without a signature', { headers: {} }],
    ['by GET', { method: 'GET' }],
  ] as const) {
    test(`${what} is refused`, () =>
      receiving(async ({ carrier, adapter }) => {
        const id = carrier.receive(barFile(1));
        const callback = { ...carrier.callback('fax_completed', id), ...change };
        assert.ok([401, 405].includes((await adapter.callback?.(callback))?.status ?? 0));
      }));
  }

  test('is wiped once it was read: it may hold a page', () =>
    receiving(async ({ carrier, adapter }) => {
      const callback = carrier.callback('fax_completed', carrier.receive(barFile(1)));
      await adapter.callback?.(callback);
      assert.ok(callback.body.every((octet) => octet === 0));
    }));

  test('may be long at the URL that only Phaxio knows, and nowhere else', () =>
    receiving(async ({ carrier, adapter }) => {
      const { body: _, ...head } = carrier.callback('fax_completed', carrier.receive(barFile(1)));
      assert.ok((adapter.callbackLimit?.(head) ?? 0) > 20_000_000);
      assert.ok((adapter.callbackLimit?.({ ...head, path: '/carriers/phaxio/guess' }) ?? 0) < 10_000);
    }));
});
