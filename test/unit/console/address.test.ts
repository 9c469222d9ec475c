import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { href, match, placeOf } from '../../../api/console/address.ts';

describe('addresses of the console', () => {
  test('a hash names a path and a query', () => {
    const { path, query } = placeOf('#/faxes/fax_1?state=failed&tag=a%20b');
    assert.equal(path, '/faxes/fax_1');
    assert.deepEqual(
      [...query],
      [
        ['state', 'failed'],
        ['tag', 'a b'],
      ],
    );
    for (const hash of ['', '#', '#main', '#?x=1']) assert.equal(placeOf(hash).path, '/', hash);
  });

  test('a pattern names the parts of a path', () => {
    assert.deepEqual(match('/faxes/:id', '/faxes/fax_1'), { id: 'fax_1' });
    assert.deepEqual(match('/a/:b/c/:d', '/a/1/c/%2B49'), { b: '1', d: '+49' });
    assert.deepEqual(match('/', '/'), {});
    for (const path of ['/faxes', '/faxes/', '/faxes/1/2', '/other/1', '/faxes/%zz'])
      assert.equal(match('/faxes/:id', path), undefined, path);
  });

  test('what was written is read again, whatever it holds', () => {
    const id = 'a/b?c#d e';
    const place = placeOf(href('/carriers/:name', { name: id }, { from: 'x&y', empty: '', none: undefined, n: 1 }));
    assert.deepEqual(match('/carriers/:name', place.path), { name: id });
    assert.deepEqual(
      [...place.query],
      [
        ['from', 'x&y'],
        ['n', '1'],
      ],
    );
  });
});
