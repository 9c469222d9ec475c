import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApiProblem, ClientError } from '../../../api/client/browser.ts';
import { faultOf } from '../../../api/console/faults.ts';

describe('faults in the console’s words', () => {
  test('a refusal is a sentence, with its fields', () => {
    const errors = [{ pointer: '/name', detail: 'is taken' }];
    const fault = faultOf(new ApiProblem({ status: 409, code: 'name_taken', message: 'the name is taken', errors }));
    assert.deepEqual(fault, { text: 'The name is taken.', advice: '', fields: { '/name': 'is taken' }, over: false });
  });

  test('only the end of the session leads back to the sign-in form', () => {
    const ends = [
      new ClientError('session_over', 'the session has ended'),
      new ClientError('closed', 'the client has been closed'),
      new ApiProblem({ status: 401, code: 'session_ended', message: 'it has ended' }),
      new ApiProblem({ status: 401, code: 'login_required', message: 'log in' }),
    ];
    for (const end of ends) assert.equal(faultOf(end).over, true, end.message);
    const others = [
      new ApiProblem({ status: 401, code: 'access_denied', message: 'denied' }),
      new ApiProblem({ status: 403, code: 'role_forbidden', message: 'no' }),
      new ClientError('unreachable', 'away'),
    ];
    for (const other of others) assert.equal(faultOf(other).over, false, other.message);
  });

  test('whoever stands in between gets no password', () => {
    const fault = faultOf(new ClientError('untrusted_server', 'not the gateway', { reason: 'root_pin' }));
    assert.equal(fault.text, 'Not the gateway (root_pin).');
    assert.match(fault.advice, /^Do not enter a password\./);
  });

  test('a fault of our own is one as well', () => {
    assert.equal(faultOf(new TypeError('x is undefined')).advice, 'Load the page again.');
    assert.equal(faultOf('why?').text, 'Why?');
  });
});
