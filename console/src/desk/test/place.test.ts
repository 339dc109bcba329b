// Where a location comes from: numbers and the addresses of maps' pages.
import { expect, test } from 'vitest';
import { readPlace } from '../composer/place';

const turin = { latitude: 45.0703, longitude: 7.6869 };

test.each([
  ['45.0703, 7.6869', turin],
  [' 45.0703 7.6869 ', turin],
  ['-23.5;-46.6', { latitude: -23.5, longitude: -46.6 }],
  ['https://www.openstreetmap.org/?mlat=45.0703&mlon=7.6869#map=17/1/2', turin],
  ['https://www.openstreetmap.org/#map=17/45.0703/7.6869', turin],
  ['https://maps.example/place/Torino/@45.0703,7.6869,15z/data=1', turin],
  ['https://maps.example/?q=45.0703%2C7.6869', turin],
  ['91, 7', null],
  ['45, 181', null],
  ['Via dei Mille 12', null],
  ['45.0703', null],
  ['', null],
])('%s', (text, expected) => expect(readPlace(text)).toEqual(expected));
