import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PageOptions } from '../../../gateway/fax/fax.ts';
import type { E164 } from '../../../gateway/fax/number.ts';
import { renderOptions } from '../../../gateway/intake/render-options.ts';

const PAGE: PageOptions = {
  resolution: 'fine',
  halftone: 'auto',
  contrast: 0,
  paper: 'a4',
  header: null,
  senderName: '',
  csid: '',
  timeZone: 'Asia/Tokyo',
  cover: null,
};

const optionsOf = (options: Partial<PageOptions>) =>
  renderOptions({ from: null, to: '+49301234567' as E164, options: { ...PAGE, ...options }, at: 1_000, maxPages: 9 });

describe('what the renderer is told of a fax', () => {
  test('the widest recording is A4 unless the receiver is known to take more', () => {
    assert.equal(optionsOf({}).maxWidth, 1728);
    const widths = (['a4', 'b4', 'a3'] as const).map((width) => optionsOf({ width }).maxWidth);
    assert.deepEqual(widths, [1728, 2048, 2432]);
  });

  test('the white end of a page is left out unless it is asked for', () => {
    assert.equal(optionsOf({}).trimBlank, true, 'faxes of earlier releases too');
    assert.equal(optionsOf({ length: 'variable' }).trimBlank, true);
    assert.equal(optionsOf({ length: 'full' }).trimBlank, false);
  });

  test('a cover has the day of the fax in the account’s time zone, without a header line too', () => {
    const cover = { template: 'our-own', to: 'A', from: '', company: '', subject: '', note: '', confidentiality: '' };
    const { cover: told, header } = optionsOf({ cover });
    assert.equal(header, null);
    assert.deepEqual([told?.at, told?.timeZone, told?.to], [1_000, 'Asia/Tokyo', 'A']);
    assert.equal(optionsOf({ cover: { ...cover, template: 'form' } }).cover?.template, 'form');
  });
});
