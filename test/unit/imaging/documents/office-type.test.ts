import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { declaredType, sniffOfficeType } from '../../../../gateway/imaging/documents/office-type.ts';
import { type Part, zipOf } from './zip.ts';

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const ODT = 'application/vnd.oasis.opendocument.text';
const COMPOUND = '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1';
const utf16 = (text: string) => [...text].map((letter) => `${letter}\0`).join('');
const docx = (...parts: Part[]) => zipOf([{ name: '[Content_Types].xml' }, { name: 'word/document.xml' }, ...parts]);

describe('documents that need a word processor are known by their bytes', () => {
  const known: [string, Uint8Array, string][] = [
    ['a DOCX', docx(), DOCX],
    ['an ODT', zipOf([{ name: 'mimetype', text: ODT }, { name: 'content.xml' }]), ODT],
    ['a DOC', bytes(`${COMPOUND}${'\0'.repeat(600)}${utf16('WordDocument')}`), 'application/msword'],
    ['an RTF', bytes('{\\rtf1\\ansi Hello}'), 'application/rtf'],
    ['an HTML page', bytes('\xef\xbb\xbf\n<!-- saved -->\n<!DOCTYPE html>\n<p>Hello'), 'text/html'],
    ['an XHTML page', bytes('<?xml version="1.0"?>\n<html xmlns="x">'), 'text/html'],
  ];
  for (const [what, document, type] of known) {
    test(`${what} is ${type}`, () => assert.equal(sniffOfficeType(document), type));
  }

  const others: [string, Uint8Array][] = [
    ['a ZIP of other things', zipOf([{ name: 'photo.jpg' }])],
    ['a ZIP without a directory', docx().subarray(0, 60)],
    ['a spreadsheet of 1997', bytes(`${COMPOUND}${utf16('Workbook')}`)],
    ['text that speaks of HTML', bytes('The tag <html> begins a page.')],
    ['a PDF', bytes('%PDF-1.4')],
    ['nothing', new Uint8Array(0)],
  ];
  for (const [what, document] of others) {
    test(`${what} is none`, () => assert.equal(sniffOfficeType(document), undefined));
  }

  test('what is declared as text is text, and a fragment declared as HTML is HTML', () => {
    assert.equal(sniffOfficeType(bytes('<html><p>x'), 'text/plain'), undefined);
    assert.equal(sniffOfficeType(bytes('{\\rtf1 x}'), 'text/plain'), undefined);
    assert.equal(sniffOfficeType(bytes('<p>Hello'), 'text/html'), 'text/html');
    assert.equal(sniffOfficeType(bytes('%PDF-1.4'), 'text/html'), undefined);
  });

  test('encrypted ones and those that expand too far are refused', () => {
    const envelope = bytes(`${COMPOUND}${utf16('EncryptedPackage')}`);
    assert.throws(() => sniffOfficeType(envelope), { name: 'DocumentError', code: 'encrypted' });
    assert.throws(() => sniffOfficeType(docx({ name: 'word/x.xml', encrypted: true })), { code: 'encrypted' });
    assert.throws(() => sniffOfficeType(docx({ name: 'word/x.xml', size: 3_000_000_000 })), { code: 'limit' });
  });

  test('every truncation and every wrong byte ends in an answer', () => {
    const whole = docx({ name: 'word/styles.xml', text: 'x'.repeat(100) });
    for (let length = 0; length < whole.length; length++) sniffOfficeType(whole.subarray(0, length));
    for (let at = 4; at < whole.length; at++) {
      const wrong = whole.slice();
      wrong[at] = 0xff;
      try {
        sniffOfficeType(wrong);
      } catch (error) {
        assert.ok(error instanceof Error && error.name === 'DocumentError', `${error}`);
      }
    }
  });
});

describe('what a client says of a document', () => {
  test('the media type counts, then the extension; everything else says nothing', () => {
    assert.equal(declaredType('text/html; charset=utf-8', 'a.txt'), 'text/html');
    assert.equal(declaredType(undefined, 'Letter.DOCX'), DOCX);
    assert.equal(declaredType('application/octet-stream', 'a.odt'), ODT);
    assert.equal(declaredType('text/plain', 'a.html'), 'text/plain');
    assert.equal(declaredType(undefined, 'a.pdf'), undefined);
    assert.equal(declaredType('constructor', 'a.toString'), undefined);
    assert.equal(declaredType(undefined, undefined), undefined);
  });
});
